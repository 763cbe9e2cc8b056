/** What runners attach to a call, in the forms that are seen: a name, a data URL, `[name, content]`, or an object. Pure. */
import { isRecord, stringField } from '../../../../src/domain/event.ts'

export interface Attachment {
  /** Its place in the list, which never changes. */
  place: number
  name: string
  /** Undefined where only the name is known, or the content is neither an image nor text. */
  content: AttachmentContent | undefined
}

export type AttachmentContent =
  /** A data URL that can be shown; script cannot be in it. */
  { kind: 'image'; url: string } | { kind: 'text'; text: string }

export function readAttachments(value: unknown): Attachment[] {
  return Array.isArray(value)
    ? value.map((item, index) => ({ place: index + 1, ...readAttachment(item, `attachment ${index + 1}`) }))
    : []
}

// internal

/** A longer text is no attachment to read on a page. */
const TEXT_LENGTH_MAX = 4_000_000
const NAME_LENGTH_MAX = 400

function readAttachment(item: unknown, fallback: string): Omit<Attachment, 'place'> {
  if (typeof item === 'string') {
    const content = imageOf(item)
    return { name: nameOf(item, fallback), content: content ?? dataTextOf(item) }
  }
  if (Array.isArray(item)) {
    const [name, content] = item
    return { name: typeof name === 'string' ? nameOf(name, fallback) : fallback, content: contentOf(content) }
  }
  if (!isRecord(item)) return { name: fallback, content: undefined }
  const name =
    stringField(item, 'name') ?? stringField(item, 'file_path') ?? stringField(item, 'filename') ?? fallback
  return { name, content: contentOf(item.data ?? item.content ?? item.base64 ?? item.url) }
}

function nameOf(text: string, fallback: string): string {
  return text.startsWith('data:') || text.length > NAME_LENGTH_MAX ? fallback : text
}

function contentOf(content: unknown): AttachmentContent | undefined {
  return imageOf(content) ?? dataTextOf(content) ?? plainTextOf(content)
}

/** How images of each kind begin in base64. */
const MAGIC: readonly [RegExp, string][] = [
  [/^iVBORw0KGgo/, 'image/png'],
  [/^\/9j\//, 'image/jpeg'],
  [/^R0lGOD/, 'image/gif'],
  [/^UklGR/, 'image/webp'],
]
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

function imageOf(content: unknown): AttachmentContent | undefined {
  if (typeof content !== 'string') return undefined
  if (/^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/.test(content))
    return { kind: 'image', url: content }
  const kind = MAGIC.find(([begin]) => begin.test(content))?.[1]
  return kind === undefined || !BASE64.test(content)
    ? undefined
    : { kind: 'image', url: `data:${kind};base64,${content}` }
}

function dataTextOf(content: unknown): AttachmentContent | undefined {
  const found =
    typeof content === 'string' ? /^data:(?:text\/|application\/json)[^,]*;base64,/.exec(content) : null
  return found === null ? undefined : decoded(String(content).slice(found[0].length))
}

/** Text stands in base64 or as it is. A word such as `test` could be either; what base64 would make of it is no text. */
function plainTextOf(content: unknown): AttachmentContent | undefined {
  if (typeof content !== 'string' || content === '' || content.length > TEXT_LENGTH_MAX) return undefined
  if (content.startsWith('data:') || /^https?:/i.test(content)) return undefined
  const inBase64 = content.length % 4 === 0 && BASE64.test(content)
  if (!inBase64) return isReadable(content) ? { kind: 'text', text: content } : undefined
  return decoded(content) ?? (content.length < SHORT ? { kind: 'text', text: content } : undefined)
}

/** What is longer, looks like base64 and decodes to no text is a file of some other kind. */
const SHORT = 24

function decoded(base64: string): AttachmentContent | undefined {
  if (base64.length > TEXT_LENGTH_MAX || !BASE64.test(base64) || base64.length % 4 !== 0) return undefined
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return isReadable(text) ? { kind: 'text', text } : undefined
  } catch {
    // Not UTF-8, so not a text that could be shown.
    return undefined
  }
}

function isReadable(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells binary data from text
  return !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text)
}
