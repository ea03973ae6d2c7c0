/** Short notes about what just happened; never the only place of an error that needs an answer. */

/** The notes are drawn by a part that loads after the page. */
const drawn = () => import("./toaster")

export const toast = {
  done: (words: string) => void drawn().then(({ show }) => show.done(words)),
  failed: (words: string, detail?: string) => void drawn().then(({ show }) => show.failed(words, detail)),
  undoable: (words: string, undo: () => void) => void drawn().then(({ show }) => show.undoable(words, undo)),
}
