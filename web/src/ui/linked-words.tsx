/** Words of the server in which addresses of this very site are links. */
import { PathLink } from "./path-link"
import { pathsIn } from "./paths-in"

export function LinkedWords({ words }: { words: string }) {
  return pathsIn(words, window.location.origin).map(({ at, text, path }) =>
    path === null ? (
      text
    ) : (
      <PathLink key={at} to={path} className="text-accent-text underline underline-offset-2">
        {text}
      </PathLink>
    ),
  )
}
