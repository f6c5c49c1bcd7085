/** Another living process uses the data folder. */
export class FolderInUseError extends Error {
  override name = 'FolderInUseError'
  readonly folder: string
  /** The other's process id, where it could be read. */
  readonly pid: number | undefined
  constructor(folder: string, pid: number | undefined) {
    super(`the data folder is in use${pid === undefined ? '' : ` by process ${pid}`}`)
    this.folder = folder
    this.pid = pid
  }
}

/** The sole right to a data folder, held by the operating system's file lock: it ends with the process, however that ends. */
export class InstanceLock {
  /** Makes the folder if need be; rejects with {@link FolderInUseError} and has then touched nothing in it. */
  static async acquire(_folder: string): Promise<InstanceLock> {
    throw new Error('soon')
  }
  release(): void {
    throw new Error('soon')
  }
}
