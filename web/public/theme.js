// Sets theme and density before the first paint; a file of its own because the CSP allows no inline script.
;(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  const theme = read("omni2.theme")
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches)
  document.documentElement.dataset.theme = dark ? "dark" : "light"
  document.documentElement.dataset.density = read("omni2.density") === "compact" ? "compact" : "comfortable"
})()
