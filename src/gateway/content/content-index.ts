/**
 * Finds which earlier outputs reappear in an input. Only words that an output brought into the conversation count: what
 * its own input held already (instructions, a document, the history) proves nothing when it is seen again.
 *
 * Every sequence of {@link SHINGLE} words that is new in an output is indexed; an input is read once, each hit is extended to
 * the longest common word sequence and judged by {@link isEvidence}. The cost follows the words of the input and those that
 * reappear in it, not the number of outputs.
 */
import { DIGIT, HARD_END, HARD_START, SOFT_END, SOFT_START, type Words } from './words.ts'

export interface ContentIndexLimits {
  /** Words of outputs that are remembered; the older half is forgotten when there are more. */
  indexWordsMax: number
  /** Different words of a session that are known as not new. */
  vocabularyMax: number
}

export function createContentIndex(limits: ContentIndexLimits) {
  let young = createGeneration()
  let old = createGeneration()
  const vocabulary = new Set<number>()

  return {
    /** Remembers an output under its number, with the input that it answers. */
    add(id: number, output: Words, input: IndexedInput): void {
      learn(vocabulary, input.words, limits.vocabularyMax)
      addOutput(young, { id, words: output, coined: coinedWords(output, vocabulary) }, input)
      learn(vocabulary, output, limits.vocabularyMax)
      if (young.words * 2 <= limits.indexWordsMax) return
      old = young
      young = createGeneration()
    },
    /** The numbers of the outputs that reappear in an input. */
    find(input: IndexedInput): Set<number> {
      const found = new Set<number>()
      for (const generation of [old, young]) findOutputs(generation, input, found)
      return found
    },
  }
}
export type ContentIndex = ReturnType<typeof createContentIndex>

/** An input's words with the number of each sequence of {@link SHINGLE} of them; 0 where a break comes before its end. */
export interface IndexedInput {
  words: Words
  shingles: Int32Array
}

export function indexInput(words: Words): IndexedInput {
  const shingles = new Int32Array(words.hashes.length)
  for (let at = 0; at < shingles.length; at++) shingles[at] = shingleAt(words, at)
  return { words, shingles }
}

// internal

const SHINGLE = 4
/** Words of a common sequence that are enough, and how many are with a word among them that the session had not seen. */
const RUN_WORDS = 8
const RUN_WORDS_COINED = 5
/** Letters that a short answer needs, and the words of an input below which any answer will do. */
const SHORT_LETTERS = 4
const SHORT_INPUT_WORDS = 64
/** Outputs remembered for one sequence of words: what more outputs say in the same words tells nothing about them. */
const HITS_MAX = 16

interface Output {
  id: number
  words: Words
  /** 1 for a word that the session had not seen before. */
  coined: Uint8Array
}

interface Hit {
  output: Output
  at: number
}

/** A passage that an output took from its own input, with the words around it there. */
interface Quote extends Hit {
  length: number
  before: number
  after: number
}

interface Generation {
  words: number
  shingles: Map<number, Hit[]>
  /** Outputs, or quoted parts of them, that are shorter than a shingle, by their first word. */
  shorts: Map<number, Quote[]>
  quotes: Map<number, Quote[]>
}

function createGeneration(): Generation {
  return { words: 0, shingles: new Map(), shorts: new Map(), quotes: new Map() }
}

function learn(vocabulary: Set<number>, words: Words, max: number): void {
  for (const hash of words.hashes) {
    if (vocabulary.size >= max) return
    vocabulary.add(hash)
  }
}

function coinedWords(words: Words, vocabulary: ReadonlySet<number>): Uint8Array {
  const coined = new Uint8Array(words.hashes.length)
  for (let at = 0; at < coined.length; at++) {
    if (!vocabulary.has(hashAt(words, at))) coined[at] = 1
  }
  return coined
}

function addOutput(generation: Generation, output: Output, input: IndexedInput): void {
  const { words } = output
  const places = sharedShingles(words, input)
  generation.words += words.hashes.length
  for (let at = 0; at < words.hashes.length; at++) {
    const shingle = shingleAt(words, at)
    if (shingle !== 0 && !places.has(shingle)) addHit(generation.shingles, shingle, { output, at })
    if (flagAt(words, at) & SOFT_START)
      addPassages(generation, { output, at }, { input: input.words, places })
  }
}

/** A short answer that starts here, and a longer one that stands in the input word for word. */
function addPassages(
  generation: Generation,
  hit: Hit,
  own: { input: Words; places: Map<number, number> },
): void {
  const { words, coined } = hit.output
  const length = passageLength(words, hit.at)
  if (length < SHINGLE) {
    const hard = flagAt(words, hit.at) & HARD_START && flagAt(words, hit.at + length - 1) & HARD_END
    const news = coined.subarray(hit.at, hit.at + length).includes(1)
    if (hard && news)
      addHit(generation.shorts, keyOf(hashAt(words, hit.at)), { ...hit, length, before: 0, after: 0 })
    return
  }
  const first = shingleAt(words, hit.at)
  const place = own.places.get(first)
  if (place === undefined || commonLength(words, hit.at, own.input, place) < length) return
  const before = hashAt(own.input, place - 1)
  const after = hashAt(own.input, place + length)
  addHit(generation.quotes, first, { ...hit, length, before, after })
}

/** Words up to the end of the line or sentence, or of the quotation if it starts one. */
function passageLength(words: Words, start: number): number {
  const end = flagAt(words, start) & HARD_START ? HARD_END : SOFT_END
  let at = start
  while (hashAt(words, at + 1) !== 0 && !(flagAt(words, at) & end)) at++
  return at - start + 1
}

function addHit<T extends Hit>(map: Map<number, T[]>, key: number, hit: T): void {
  const hits = map.get(key)
  if (hits === undefined) map.set(key, [hit])
  else if (hits.length < HITS_MAX && !hits.some((known) => known.output === hit.output)) hits.push(hit)
}

function findOutputs(
  generation: Generation,
  { words: input, shingles }: IndexedInput,
  found: Set<number>,
): void {
  if (generation.words === 0) return
  /** How far each output's latest common sequence reaches, so that none is extended twice. */
  const reach = new Map<Output, number>()
  for (let at = 0; at < input.hashes.length; at++) {
    const shorts = generation.shorts.get(keyOf(hashAt(input, at)))
    for (const short of shorts ?? []) if (shortReappears(short, input, at)) found.add(short.output.id)
    const shingle = shingles[at] ?? 0
    if (shingle === 0) continue
    for (const hit of generation.shingles.get(shingle) ?? []) {
      if ((reach.get(hit.output) ?? 0) > at) continue
      const run = longestRun(hit, input, at)
      reach.set(hit.output, at + run.length)
      if (isEvidence(hit.output, run)) found.add(hit.output.id)
    }
    for (const quote of generation.quotes.get(shingle) ?? []) {
      if (quoteReappears(quote, input, at)) found.add(quote.output.id)
    }
  }
}

interface Run {
  /** In the output. */
  start: number
  end: number
  /** From the place in the input where it was found. */
  length: number
}

function longestRun(hit: Hit, input: Words, at: number): Run {
  const { words } = hit.output
  const length = commonLength(words, hit.at, input, at)
  let back = 0
  while (
    hashAt(words, hit.at - back - 1) !== 0 &&
    hashAt(words, hit.at - back - 1) === hashAt(input, at - back - 1)
  ) {
    back++
  }
  return { start: hit.at - back, end: hit.at + length, length }
}

/**
 * Whether a common sequence can hardly be chance: long, or long enough with a word that the session had not seen, or a
 * whole line or sentence.
 */
function isEvidence({ words, coined }: Output, { start, end }: Run): boolean {
  if (end - start >= RUN_WORDS) return true
  if (end - start >= RUN_WORDS_COINED && coined.subarray(start, end).includes(1)) return true
  return (flagAt(words, start) & SOFT_START) !== 0 && (flagAt(words, end - 1) & SOFT_END) !== 0
}

function shortReappears({ output, at, length }: Quote, input: Words, place: number): boolean {
  const { words } = output
  if (commonLength(words, at, input, place) < length) return false
  let letters = 0
  for (let word = at; word < at + length; word++) {
    letters += (words.lengths[word] ?? 0) + (flagAt(words, word) & DIGIT ? 1 : 0)
  }
  return letters >= SHORT_LETTERS || input.hashes.length < SHORT_INPUT_WORDS
}

/** A quote counts where the words around it are others than in the text that it was taken from. */
function quoteReappears(quote: Quote, input: Words, place: number): boolean {
  if (commonLength(quote.output.words, quote.at, input, place) < quote.length) return false
  return hashAt(input, place - 1) !== quote.before && hashAt(input, place + quote.length) !== quote.after
}

function commonLength(words: Words, at: number, input: Words, place: number): number {
  let length = 0
  while (hashAt(words, at + length) !== 0 && hashAt(words, at + length) === hashAt(input, place + length))
    length++
  return length
}

/** Where the sequences of an output's words are in the input that it answers. */
function sharedShingles(words: Words, input: IndexedInput): Map<number, number> {
  const own = new Set(indexInput(words).shingles)
  const places = new Map<number, number>()
  for (let at = 0; at < input.shingles.length; at++) {
    const shingle = input.shingles[at] ?? 0
    if (shingle !== 0 && own.has(shingle)) places.set(shingle, at)
  }
  return places
}

/** One number for the words from here; 0 when there are too few before a break. Small numbers are the fast keys of a Map. */
function shingleAt(words: Words, at: number): number {
  let key = 0
  for (let offset = 0; offset < SHINGLE; offset++) {
    const hash = hashAt(words, at + offset)
    if (hash === 0) return 0
    key = Math.imul(key ^ keyOf(hash), 0x01000193) ^ (key >>> 15)
  }
  return key || 1
}

function keyOf(hash: number): number {
  return hash | 0
}

/** 0 outside of the text, as at a break. */
function hashAt(words: Words, at: number): number {
  return words.hashes[at] ?? 0
}

function flagAt(words: Words, at: number): number {
  return words.flags[at] ?? 0
}
