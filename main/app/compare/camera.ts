import type { PerspectiveProxy } from '../hosted-app.ts'

/** A picture of a page as a PNG file. */
export interface PagePicture {
  readonly png: Buffer
  readonly width: number
  readonly height: number
}

/** Takes pictures of pages; a host with a browser inside brings one. */
export interface PageCamera {
  /**
   * The page as it looks a moment after it has loaded, reached through a proxy of its own and by no other way. Rejects with
   * {@link NoPicture}, or with the signal's reason; nothing of the page is left afterwards.
   */
  take(page: { readonly url: string; readonly proxy: PerspectiveProxy }, signal: AbortSignal): Promise<PagePicture>
}

/** `code`: the browser's name of the reason ("ERR_TIMED_OUT"). */
export class NoPicture extends Error {
  override name = 'NoPicture'
  readonly code: string
  constructor(code: string, options?: ErrorOptions) {
    super(code, options)
    this.code = code
  }
}
