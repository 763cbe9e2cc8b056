// Sets the colour scheme before the first paint, so that a dark page never flashes white. It is a file of its own
// because the Content-Security-Policy allows no inline script.
;(() => {
  let stored = null
  try {
    stored = localStorage.getItem('ao-color-scheme')
  } catch {
    // Storage may be switched off; the system's choice is used then.
  }
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  const scheme = stored === 'light' || stored === 'dark' ? stored : system
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme)
})()
