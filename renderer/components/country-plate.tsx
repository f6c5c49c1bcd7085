/** A country's two letters on a small plate: the same on every system, unlike flag emoji. Its name stands beside it as text. */
export function CountryPlate({ code }: { code: string }) {
  return (
    <span className="plate" aria-hidden="true">
      {/^[a-z]{2}$/i.test(code) ? code.toUpperCase() : '?'}
    </span>
  )
}
