// Draws the application's and the tray's icons: the SVG files from the shapes below, and the PNG files from those with Chromium.
//   node assets/make-icons.mjs
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const folder = import.meta.dirname
const svg = (size, drawing) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}">${drawing}</svg>\n`

/** The application's icon: two lines of sight that open from one place towards the sun. */
const APP = svg(
  1024,
  `
  <defs>
    <linearGradient id="night" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#27518c"/><stop offset="1" stop-color="#0f1f38"/></linearGradient>
    <linearGradient id="sight" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff" stop-opacity=".26"/><stop offset="1" stop-color="#fff" stop-opacity=".04"/></linearGradient>
    <clipPath id="tile"><rect x="64" y="64" width="896" height="896" rx="208"/></clipPath>
  </defs>
  <g clip-path="url(#tile)">
    <rect x="64" y="64" width="896" height="896" fill="url(#night)"/>
    <path d="M512 800 130 64h764z" fill="url(#sight)"/>
    <path d="M64 752c170-62 300-84 448-84s278 22 448 84v208H64z" fill="#0b1729" fill-opacity=".55"/>
  </g>
  <path d="M262 318 512 800 762 318" fill="none" stroke="#fff" stroke-width="92" stroke-linecap="round" stroke-linejoin="round"/>
  <circle cx="512" cy="352" r="112" fill="#f5b84a"/>
`,
)

const LINES = 'M2.4 2.9 8 13.6 13.6 2.9'
const thin = `<path d="${LINES}" fill="none" stroke="ink" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round"/>`
const bold = `<path d="${LINES}" fill="none" stroke="ink" stroke-width="2.3" stroke-linecap="round" stroke-linejoin="round"/>`
/** The tray's states, told apart by shape: what lies between the lines of sight, and how strong they are. Edges lie on whole pixels of the smallest size. */
const TRAY = {
  off: `${thin}<path d="M.5 7h15v1.4H.5z" fill="ink"/>`,
  starting: `${thin}<g fill="ink"><circle cx="5" cy="3" r="1.15"/><circle cx="8" cy="3" r="1.15"/><circle cx="11" cy="3" r="1.15"/></g>`,
  paused: `${thin}<path d="M5 1h2v4H5zM9 1h2v4H9z" fill="ink"/>`,
  relaying: bold,
  unlocked: `${bold}<circle cx="8" cy="3" r="2" fill="none" stroke="ink" stroke-width="1.1"/>`,
  perspective: `${bold}<circle cx="8" cy="3" r="2.55" fill="ink"/>`,
  problem: `${bold}<path d="M7 1h2v4H7zM7 6h2v2H7z" fill="ink"/>`,
}
/** Who draws on what: macOS colours a black template itself; elsewhere there is one for light and one for dark bars. Sizes in pixels. */
const TRAY_SETS = [
  { suffix: 'Template', ink: '#000', files: { '': 18, '@2x': 36 } },
  { suffix: '-on-dark', ink: '#fff', files: { '': 16, '@1.5x': 24, '@2x': 32, '@3x': 48 } },
  { suffix: '-on-light', ink: '#1b2430', files: { '': 16, '@1.5x': 24, '@2x': 32, '@3x': 48 } },
]

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
const page = await browser.newPage()

/** Windows' container: ICONDIR, one ICONDIRENTRY each, then the PNG files. Sizes up to 256; 256 is written as 0. */
function ico(images) {
  const head = Buffer.alloc(6 + 16 * images.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(images.length, 4)
  let at = head.length
  for (const [index, { size, data }] of images.entries()) {
    const entry = 6 + 16 * index
    head[entry] = head[entry + 1] = size % 256
    head.writeUInt16LE(1, entry + 4)
    head.writeUInt16LE(32, entry + 6)
    head.writeUInt32LE(data.length, entry + 8)
    head.writeUInt32LE(at, entry + 12)
    at += data.length
  }
  return Buffer.concat([head, ...images.map(({ data }) => data)])
}

/** macOS' container: "icns", length; of each image its type, length with these eight bytes, and the PNG file. */
const ICNS_TYPES = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
}
function icns(images) {
  const part = (type, data) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32BE(8 + data.length, 4)
    return Buffer.concat([head, data])
  }
  return part('icns', Buffer.concat(images.flatMap(({ size, data }) => (ICNS_TYPES[size] ?? []).map(type => part(type, data)))))
}

async function png(drawing, size, path) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>html,body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`)
  return page.screenshot({ path, omitBackground: true })
}

await writeFile(join(folder, 'icon.svg'), APP)
await png(APP, 1024, join(folder, 'icon.png'))
await png(APP, 512, join(folder, 'icon-512.png'))
const images = []
for (const size of [16, 24, 32, 48, 64, 128, 256, 512, 1024]) images.push({ size, data: await png(APP, size) })
await writeFile(join(folder, 'icon.ico'), ico(images.filter(({ size }) => size <= 256)))
await writeFile(join(folder, 'icon.icns'), icns(images))
await rm(join(folder, 'tray'), { recursive: true, force: true })
await mkdir(join(folder, 'tray'))
for (const [state, shape] of Object.entries(TRAY)) {
  await writeFile(join(folder, 'tray', `${state}.svg`), svg(16, shape.replaceAll('ink', '#000')))
  for (const { suffix, ink, files } of TRAY_SETS) {
    for (const [scale, size] of Object.entries(files)) {
      await png(svg(16, shape.replaceAll('ink', ink)), size, join(folder, 'tray', `${state}${suffix}${scale}.png`))
    }
  }
}
await browser.close()
