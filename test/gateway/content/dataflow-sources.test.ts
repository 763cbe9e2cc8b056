/** Edges by content: what counts as a source of a call, what is chance, and what it costs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDataflowSources } from '../../../src/gateway/content/dataflow-sources.ts'

const LIMITS = { indexWordsMax: 1_000_000, vocabularyMax: 500_000, textWordsMax: 100_000 }

/** A run of calls: each gives its input and its output, and gets back the sources that were found. */
function createRun(limits = LIMITS) {
  const flow = createDataflowSources(limits)
  return (
    nodeId: string,
    input: string | string[],
    output: string,
    ids: { in?: string[]; out?: string[] } = {},
  ) => {
    const read = flow.readInput({ texts: [input].flat(), ids: ids.in ?? [] })
    const sources = flow.sourcesOf(read)
    flow.addOutput(nodeId, { sources, input: read, output: { texts: [output], ids: ids.out ?? [] } })
    return sources
  }
}

const SYSTEM = 'You are a helpful assistant that answers every question in one short and friendly sentence.'
const STORY = 'The lighthouse keeper counted nineteen gulls before the storm swallowed the northern pier.'

test('an output that is quoted is a source, whatever the case and the marks around it', () => {
  const call = createRun()
  assert.deepEqual(call('a', [SYSTEM, 'Tell me a story.'], STORY), [])
  assert.deepEqual(
    call('b', [SYSTEM, `Translate: "${STORY.toUpperCase()}" …`], 'Der Leuchtturmwärter zählte'),
    ['a'],
  )
})

test('eight common words in a row are enough, seven of everyday words are not', () => {
  const call = createRun()
  const common = 'and then we all went back to the house by the old road again'
  call('seen', common.split(' ').reverse().join(' '), 'Yes.')
  call('a', 'Go on.', `Later ${common} quite late`)
  assert.deepEqual(call('b', 'She said then we all went back to the moon', 'x'), [])
  assert.deepEqual(call('c', 'She said then we all went back to the house of hers', 'y'), ['a'])
})

test('instructions that every input holds make no edge, even when an output repeats them', () => {
  const call = createRun()
  call('a', [SYSTEM, 'Who are you?'], SYSTEM.replace('You are', 'I am'))
  assert.deepEqual(call('b', [SYSTEM, 'What is the capital of France?'], 'Paris, of course.'), [])
})

test('a passage that an output took from its own input counts in new surroundings only', () => {
  const call = createRun()
  const notes = `First some words about the weather. ${STORY} Then some words about the harvest.`
  call('a', ['Which sentence is about birds?', notes], STORY)
  assert.deepEqual(
    call('b', ['Which sentence is about food?', notes], 'Then some words about the harvest.'),
    [],
  )
  assert.deepEqual(call('c', `Rate this line: ${STORY} Answer with a number.`, '8'), ['a'])
})

test('a short answer counts when its word is new in the session and all of it reappears', () => {
  const call = createRun()
  call('a', 'Name a city.', 'Ouagadougou')
  call('b', 'Name a fruit as JSON.', '{"fruit": "durian", "pieces": 3}')
  assert.deepEqual(call('c', 'How many people live in Ouagadougou?', 'Many.'), ['a'])
  assert.deepEqual(call('d', 'Where does durian grow?', 'In Asia.'), ['b'])
  assert.deepEqual(call('e', 'Name another city.', 'Nairobi'), [])
})

test('a very short answer counts in a short input, and is chance in a long one', () => {
  const call = createRun()
  call('a', 'Say a number between one and nine.', '7')
  assert.deepEqual(call('b', 'Double this: 7', 'It is fourteen'), ['a'])
  const long = Array.from({ length: 100 }, (_, at) => `point${at}`).join(' ')
  assert.deepEqual(call('c', `${long} 7 ${long}`, 'ok'), [])
})

test('words that the session knew before are no evidence for a short answer', () => {
  const call = createRun()
  call('a', 'Answer yes or no: is water wet?', 'yes')
  assert.deepEqual(call('b', 'Answer yes or no: is fire cold?', 'no'), [])
})

test('ids of tool calls and of answers make edges, without any common word', () => {
  const call = createRun()
  call('a', 'weather?', '', { out: ['call_1', 'resp_1'] })
  assert.deepEqual(call('b', 'sunny', '', { in: ['call_1'] }), ['a'])
  assert.deepEqual(call('c', 'and now?', '', { in: ['resp_1', 'call_unknown'] }), ['a'])
})

test('a source that is reached through another source is left out', () => {
  const call = createRun()
  const turns = [
    'Apricots glow orange beside the window.',
    'Kettles whistle while nobody listens tonight.',
    'Maps fold badly.',
  ]
  call('a', 'First?', turns[0] ?? '')
  assert.deepEqual(call('b', ['First?', turns[0] ?? '', 'Second?'], turns[1] ?? ''), ['a'])
  assert.deepEqual(
    call('c', ['First?', turns[0] ?? '', 'Second?', turns[1] ?? '', 'Third?'], turns[2] ?? ''),
    ['b'],
  )
})

test('sources that do not depend on each other are all kept, in order', () => {
  const call = createRun()
  call('a', 'One animal?', 'A pangolin sleeps rolled up like an artichoke.')
  call('b', 'One plant?', 'The baobab stores rain inside its swollen trunk.')
  const both =
    'Combine: The baobab stores rain inside its swollen trunk. A pangolin sleeps rolled up like an artichoke.'
  assert.deepEqual(call('c', both, 'A pangolin under a baobab.'), ['a', 'b'])
})

test('scripts without spaces are compared letter by letter', () => {
  const call = createRun()
  call('a', '短い話をして', '昔々あるところに灯台守が住んでいて毎晩かもめを数えていました')
  assert.deepEqual(call('b', '翻訳：灯台守が住んでいて毎晩かもめを数えて', 'A lighthouse keeper'), ['a'])
})

test('the older half is forgotten when a run has more words than are remembered', () => {
  const call = createRun({ ...LIMITS, indexWordsMax: 400 })
  const text = (name: string) => Array.from({ length: 50 }, (_, at) => `${name}${at}`).join(' ')
  for (let at = 0; at < 40; at++) call(`n${at}`, `call ${at}`, text(`word${at}x`))
  assert.deepEqual(call('late', text('word39x'), 'x'), ['n39'])
  assert.deepEqual(call('early', text('word0x'), 'x'), [])
})

test('a call with an input of 50 KB costs hundreds of calls later what it cost early', () => {
  const call = createRun()
  const vocabulary = Array.from({ length: 20_000 }, (_, at) => `w${((at * 7919) % 20_011).toString(36)}`)
  let seed = 1
  const next = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return vocabulary[seed % vocabulary.length] ?? ''
  }
  const words = (count: number) => Array.from({ length: count }, next).join(' ')
  const system = words(2_000)
  let history = ''
  const costs: number[] = []
  for (let at = 0; at < 300; at++) {
    const input = [system, history.slice(-40_000), words(500)]
    const output = words(200)
    const before = process.cpuUsage()
    const sources = call(`n${at}`, input, output)
    const { user, system: kernel } = process.cpuUsage(before)
    costs.push(user + kernel)
    if (at > 0) assert.deepEqual(sources, [`n${at - 1}`])
    history += ` ${output}`
  }
  // From call 80 on the history is full, so that every input has its whole length.
  const [early, late] = [median(costs.slice(80, 140)), median(costs.slice(240, 300))]
  assert.ok(late < early * 3, `${early} µs of CPU became ${late} µs`)
})

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
