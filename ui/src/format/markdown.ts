/** Whether a text has marks of Markdown that are worth laying out: headings, lists, code, tables, emphasis or links. */
export function looksLikeMarkdown(text: string): boolean {
  return MARKS.test(text.length > LENGTH_MAX ? text.slice(0, LENGTH_MAX) : text)
}

// internal

const LENGTH_MAX = 20_000
const MARKS =
  /^#{1,6} \S|^\s{0,3}[-*+] \S|^\s{0,3}\d{1,3}[.)] \S|^```|^\|.+\||\*\*[^*\n]+\*\*|`[^`\n]+`|\[[^\]\n]+\]\([^)\n]+\)/m
