/** Places on the horizon of the picture: x, y and radius. */
const PLACES = [
  [86, 116, 3],
  [170, 92, 2.4],
  [232, 108, 3.2],
  [318, 78, 2.4],
  [388, 94, 3],
  [566, 92, 2.6],
  [640, 76, 3.2],
  [716, 104, 2.4],
  [790, 90, 3],
  [872, 112, 2.6],
] as const

/** The picture of the product: a house on a hill, its lines of sight, and far places. Open, the sight reaches the sun between them. */
export function Horizon({ open }: { open: boolean }) {
  return (
    <svg
      className="horizon"
      data-open={open}
      viewBox="0 0 960 250"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
      focusable="false"
    >
      <rect className="horizon-sky" width="960" height="250" />
      <path className="horizon-view" d="M480 186 316 -20h328z" />
      <circle className="horizon-sun" cx="480" cy="84" r="38" />
      <path className="horizon-far" d="M0 140C140 112 260 128 400 124s300-22 560 10v116H0z" />
      <path className="horizon-lines" d="M480 186 316 -20M480 186 644 -20" />
      {PLACES.map(([x, y, r]) => (
        <circle key={x} className="horizon-place" cx={x} cy={y} r={r} />
      ))}
      <path className="horizon-near" d="M0 238C190 232 330 205 480 205s290 27 480 33v12H0z" />
      <path className="horizon-house" d="M465 208v-16l15-12 15 12v16z" />
    </svg>
  )
}
