/** The product's mark: two lines of sight that open, and the place they open to. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <path className="mark-lines" d="M11 15 32 53 53 15" />
      <circle className="mark-place" cx="32" cy="19" r="8.5" />
    </svg>
  )
}
