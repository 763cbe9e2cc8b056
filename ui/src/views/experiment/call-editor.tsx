/** The input or output of a call in an editor: change it, see the difference to what was recorded, save, take it back. */
import { Button, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { EditField } from '../../../../src/domain/llm-call.ts'
import type { DataflowGraphAnswer, LlmCallRecord } from '../../../../src/wire/experiment-api.ts'
import { fetchCall } from '../../api/experiments.ts'
import { isNotFound, sentenceOf } from '../../api/http.ts'
import { CodeView, DifferenceView } from '../../parts/code-view.tsx'
import type { Drafts } from './drafts.ts'
import styles from './experiment.module.css'
import { readShown } from './shown-text.ts'
import { useDraft } from './use-drafts.ts'
import { useExperimentActions } from './use-experiment-actions.ts'

interface CallEditorProps {
  experimentId: string
  node: DataflowGraphAnswer['nodes'][number]
  field: EditField
  drafts: Drafts
  readOnly: boolean
}

export function CallEditor({ experimentId, node, field, drafts, readOnly }: CallEditorProps) {
  const { data: call, error } = useQuery({
    queryKey: ['experiments', experimentId, 'call', node.id],
    queryFn: () => fetchCall(experimentId, node.id),
    enabled: !readOnly,
  })
  const inGraph = typeof node[field] === 'string' ? String(node[field]) : ''
  const why = readOnly ? 'An earlier attempt can only be read.' : refusalOf(error, call)
  if (why === undefined && call === undefined) return <p className={styles.hint}>Loading the call</p>
  const editable = why === undefined ? call : undefined
  return (
    <Editing
      experimentId={experimentId}
      callId={node.id}
      field={field}
      drafts={drafts}
      call={editable}
      stored={editable?.edit[field] ?? editable?.original[field] ?? inGraph}
      why={why}
    />
  )
}

// internal

/** Why a call can only be read. One that is here stays open to edits when it could not be read once more. */
function refusalOf(error: Error | null, call: LlmCallRecord | undefined): string | undefined {
  if (isNotFound(error)) return 'This call is not in the cache, so it cannot be edited.'
  return error === null || call !== undefined ? undefined : sentenceOf(error)
}

interface EditingProps {
  experimentId: string
  callId: string
  field: EditField
  drafts: Drafts
  /** Undefined when it can only be read. */
  call: LlmCallRecord | undefined
  stored: string
  why: string | undefined
}

function Editing({ experimentId, callId, field, drafts, call, stored, why }: EditingProps) {
  const actions = useExperimentActions(experimentId)
  const original = call?.original[field] ?? null
  const shown = useMemo(() => readShown(stored, original ?? undefined), [stored, original])
  const kept = useDraft(drafts, callId, field)
  const draft = call === undefined ? undefined : kept
  const text = draft?.text ?? shown.text
  const [fault, setFault] = useState<string>()
  const [compare, setCompare] = useState(false)
  const originalText = useMemo(() => (original === null ? undefined : readShown(original).text), [original])
  const edited = call !== undefined && call.edit[field] !== null

  function change(next: string): void {
    setFault(undefined)
    if (next === shown.text) drafts.drop(callId, field)
    else drafts.put({ call: callId, field, stored, text: next })
  }

  async function save(): Promise<void> {
    if (draft === undefined) return
    const saved = await actions.save(drafts, draft)
    setFault(saved.ok ? undefined : saved.error)
  }

  async function takeBack(): Promise<void> {
    if (await actions.takeBack(callId, field)) change(shown.text)
  }

  return (
    <>
      <div className={styles.editBar}>
        <span className={edited || draft !== undefined ? styles.edited : 'faint'}>
          {why ?? (draft !== undefined ? 'Not saved yet' : edited ? 'Edited' : 'As it was recorded')}
        </span>
        {call !== undefined && (
          <>
            <Switch
              size="xs"
              label="Difference"
              checked={compare}
              disabled={originalText === undefined}
              onChange={(event) => setCompare(event.currentTarget.checked)}
            />
            {edited && (
              <Button
                size="compact-xs"
                variant="default"
                disabled={actions.busy}
                onClick={() => void takeBack()}
              >
                Take the edit back
              </Button>
            )}
            <Button
              size="compact-xs"
              variant="default"
              disabled={draft === undefined}
              onClick={() => change(shown.text)}
            >
              Discard
            </Button>
            <Button
              size="compact-xs"
              disabled={draft === undefined}
              loading={actions.busy}
              onClick={() => void save()}
            >
              Save
            </Button>
          </>
        )}
      </div>
      {fault !== undefined && <p className={styles.fault}>{fault}</p>}
      {call !== undefined && field === 'output' && call.output === null && (
        <p className={styles.hint}>
          The input was edited, so a rerun asks the model anew; below is the answer to the original input.
        </p>
      )}
      <div className={styles.editor}>
        {compare && originalText !== undefined ? (
          <DifferenceView
            left={originalText}
            right={text}
            language={shown.language}
            leftLabel="As recorded"
            rightLabel={draft === undefined ? 'Now' : 'Not saved yet'}
            height="fill"
          />
        ) : (
          <CodeView
            text={text}
            language={shown.language}
            label={field === 'input' ? 'Input of the call' : 'Output of the call'}
            height="fill"
            {...(call === undefined ? {} : { onChange: change })}
          />
        )}
      </div>
    </>
  )
}
