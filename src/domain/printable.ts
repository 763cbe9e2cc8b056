/** Text that came from outside, made fit for a line of a log or a terminal: it can neither fake a line nor steer the terminal. */

/** Writes control characters and line ends as escapes. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
    return known ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

// internal

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what it is for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
