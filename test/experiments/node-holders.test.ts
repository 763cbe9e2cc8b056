import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createHolderSearch } from '../../src/experiments/node-holders.ts'
import type { Reader } from '../../src/store/thread.ts'

/** A reader thread that answers when it is told to. */
function slowReader(holders: Record<string, string[]>) {
  const asked: string[][] = []
  const answers: ((fails: boolean) => void)[] = []
  const call = (_: string, { nodeIds }: { nodeIds: string[] }) => {
    asked.push(nodeIds)
    return new Promise((resolve, reject) =>
      answers.push((fails) =>
        fails
          ? reject(new Error('no disk'))
          : resolve(nodeIds.flatMap((id) => (holders[id] ? [[id, holders[id]]] : []))),
      ),
    )
  }
  return {
    reader: { call } as unknown as Pick<Reader, 'call'>,
    asked,
    answer: (fails = false) => answers.shift()?.(fails),
  }
}

test('what is asked while an answer is awaited shares the next question', async () => {
  const { reader, asked, answer } = slowReader({ a: ['s1'], b: ['s1', 's2'] })
  const find = createHolderSearch(reader)
  const first = find(['a'])
  const others = [find(['b', 'a']), find(['b']), find(['nowhere'])]
  assert.deepEqual(asked, [['a']])
  answer()
  assert.deepEqual(await first, ['s1'])
  await turn()
  assert.deepEqual(asked, [['a'], ['b', 'a', 'nowhere']])
  answer()
  assert.deepEqual(await Promise.all(others), [['s1', 's2'], ['s1', 's2'], []])
})

test('a question that fails rejects those who share it, and the next one is asked', async () => {
  const { reader, answer } = slowReader({ a: ['s1'] })
  const find = createHolderSearch(reader)
  const first = find(['a'])
  const second = find(['a'])
  answer(true)
  await assert.rejects(first, /no disk/)
  await turn()
  answer()
  assert.deepEqual(await second, ['s1'])
})
