import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDrafts } from '../../../ui/src/views/experiment/drafts.ts'

test('drafts are kept for each text of a call, and views are told when there are others', () => {
  const drafts = createDrafts()
  let told = 0
  const stop = drafts.onChange(() => {
    told += 1
  })
  const output = { call: 'a', field: 'output', stored: '"x"', text: 'y' } as const
  drafts.put(output)
  drafts.put({ ...output, field: 'input' })
  const calls = drafts.calls()
  drafts.put({ ...output, text: 'z' })
  assert.equal(drafts.calls(), calls)
  assert.deepEqual([...calls], ['a'])
  assert.deepEqual(
    drafts.all().map(({ field, text }) => [field, text]),
    [
      ['output', 'z'],
      ['input', 'y'],
    ],
  )
  drafts.drop('a', 'output')
  drafts.drop('a', 'output')
  assert.equal(drafts.of('a', 'output'), undefined)
  assert.equal(drafts.of('a', 'input')?.text, 'y')
  assert.equal(told, 4)
  drafts.clear()
  stop()
  drafts.put(output)
  assert.equal(told, 5)
})
