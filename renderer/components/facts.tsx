/** Names and what they stand for; each value is written in its own direction. */
export function Facts({ rows, className }: { rows: readonly (readonly [name: string, value: string])[]; className?: string }) {
  return (
    <dl className={className}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  )
}
