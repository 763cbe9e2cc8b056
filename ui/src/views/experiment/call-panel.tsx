/** One LLM call of an experiment: read it, edit it, compare it with before, see why it was called anew. */
import { CloseButton, SegmentedControl, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { EditField } from '../../../../src/domain/llm-call.ts'
import type { DataflowGraphAnswer, ExperimentSummary } from '../../../../src/wire/experiment-api.ts'
import { oneOf } from '../../app/search-params.ts'
import { Blank } from '../../parts/blank.tsx'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { AttachmentStrip } from './attachment-strip.tsx'
import { BeforeAfter } from './before-after.tsx'
import { CacheMissView } from './cache-miss.tsx'
import { CallEditor } from './call-editor.tsx'
import { callFacts } from './call-facts.ts'
import type { Drafts } from './drafts.ts'
import styles from './experiment.module.css'
import { useDraft } from './use-drafts.ts'
import { useExperimentActions } from './use-experiment-actions.ts'

const VIEWS = ['input', 'output', 'compare', 'miss'] as const

interface CallPanelProps {
  experiment: ExperimentSummary
  graph: DataflowGraphAnswer
  callId: string
  /** The earlier attempt that is shown, which can only be read. */
  attempt: number | undefined
  drafts: Drafts
  close: () => void
}

export function CallPanel({ experiment, graph, callId, attempt, drafts, close }: CallPanelProps) {
  const search = useSearch({ from: '/experiments/$sessionId' })
  const navigate = useNavigate({ from: '/experiments/$sessionId' })
  const node = graph.nodes.find((item) => item.id === callId)
  const view = search.view ?? 'output'
  const drafted = { input: useDraft(drafts, callId, 'input'), output: useDraft(drafts, callId, 'output') }
  const isUnsaved = (field: EditField): boolean => attempt === undefined && drafted[field] !== undefined
  if (node === undefined)
    return (
      <aside className={styles.panel} aria-label="LLM call">
        <Blank title="This call is not in the graph" text="A rerun may have replaced it.">
          <CloseButton aria-label="Close" onClick={close} />
        </Blank>
      </aside>
    )
  return (
    <aside className={styles.panel} data-wide aria-label="LLM call">
      <div className={styles.panelHead}>
        <LabelInput
          experiment={experiment}
          callId={callId}
          label={typeof node.label === 'string' ? node.label : ''}
          readOnly={attempt !== undefined}
        />
        <CopyIcon value={callId} what="call id" />
        <CloseButton size="sm" aria-label="Close" onClick={close} />
      </div>
      <CodePlace location={node.codeLocation ?? node.stack_trace} />
      <CallFacts facts={callFacts(node)} />
      <AttachmentStrip value={node.attachments} />
      <SegmentedControl
        className={styles.views ?? ''}
        size="xs"
        aria-label="What is shown of the call"
        value={view}
        onChange={(value) =>
          void navigate({ search: (before) => ({ ...before, view: oneOf(value, VIEWS) }) })
        }
        data={[
          { value: 'input', label: <FieldName name="Input" unsaved={isUnsaved('input')} /> },
          { value: 'output', label: <FieldName name="Output" unsaved={isUnsaved('output')} /> },
          { value: 'compare', label: 'Before and after' },
          { value: 'miss', label: 'Cache' },
        ]}
      />
      {(view === 'input' || view === 'output') && (
        <CallEditor
          key={view}
          experimentId={experiment.session_id}
          node={node}
          field={view}
          drafts={drafts}
          readOnly={attempt !== undefined}
        />
      )}
      {view === 'compare' && <BeforeAfter experimentId={experiment.session_id} graph={graph} node={node} />}
      {view === 'miss' && <CacheMissView experimentId={experiment.session_id} graph={graph} node={node} />}
    </aside>
  )
}

// internal

interface LabelInputProps {
  experiment: ExperimentSummary
  callId: string
  label: string
  readOnly: boolean
}

function LabelInput({ experiment, callId, label, readOnly }: LabelInputProps) {
  const actions = useExperimentActions(experiment.session_id)
  const [text, setText] = useState(label)
  useEffect(() => setText(label), [label])
  return (
    <TextInput
      className={styles.name ?? ''}
      variant="unstyled"
      size="sm"
      aria-label="Label of the call"
      dir="auto"
      placeholder="LLM call"
      readOnly={readOnly}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        if (text !== label) void actions.change({ node_id: callId, label: text })
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
      }}
    />
  )
}

function FieldName({ name, unsaved }: { name: string; unsaved: boolean }) {
  return (
    <>
      {name}
      {unsaved && <span className={styles.unsaved} role="img" aria-label="not saved" title="Not saved" />}
    </>
  )
}

function CallFacts({ facts }: { facts: string[] }) {
  return facts.length === 0 ? null : (
    <p className={`${styles.path} ${styles.code} faint`}>{facts.join(' · ')}</p>
  )
}

function CodePlace({ location }: { location: unknown }) {
  if (typeof location !== 'string' || location === '') return null
  return (
    <p className={`${styles.path} ${styles.code}`}>
      <span className="faint">Called at</span>
      <span className="mono cut" title={location}>
        {location}
      </span>
      <CopyIcon value={location} what="code location" />
    </p>
  )
}
