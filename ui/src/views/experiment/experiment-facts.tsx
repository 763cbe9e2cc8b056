/** What a person notes about an experiment: result, notes, log, and the files that belong to it. */
import { SegmentedControl, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ExperimentSummary } from '../../../../src/wire/experiment-api.ts'
import { attachmentUrl, fetchAttachments } from '../../api/experiments.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import styles from './experiment.module.css'
import { useExperimentActions } from './use-experiment-actions.ts'

export function ExperimentFacts({ experiment }: { experiment: ExperimentSummary }) {
  const actions = useExperimentActions(experiment.session_id)
  return (
    <aside className={styles.panel} aria-label="About the experiment">
      <div className={styles.panelBody}>
        <h2>Result</h2>
        <SegmentedControl
          size="xs"
          aria-label="Result"
          value={experiment.result}
          onChange={(result) =>
            void actions.change({ result: result === 'Satisfactory' || result === 'Failed' ? result : '' })
          }
          data={[
            { value: '', label: 'None' },
            { value: 'Satisfactory', label: 'Satisfactory' },
            { value: 'Failed', label: 'Failed' },
          ]}
        />
        <h2>Notes</h2>
        <Notes notes={experiment.notes} save={(notes) => actions.change({ notes })} />
        <h2>Log</h2>
        <pre className={`mono ${styles.log}`}>{experiment.log}</pre>
        <Files id={experiment.session_id} />
        <h2>Session</h2>
        <p className={styles.path}>
          <span className="mono dim cut">{experiment.session_id}</span>
          <CopyIcon value={experiment.session_id} what="session id" />
        </p>
        <p className="faint">Choose a call in the graph to read and edit what it was asked and answered.</p>
      </div>
    </aside>
  )
}

// internal

function Notes({ notes, save }: { notes: string; save: (notes: string) => Promise<void> }) {
  const [text, setText] = useState(notes)
  useEffect(() => setText(notes), [notes])
  return (
    <Textarea
      aria-label="Notes"
      dir="auto"
      autosize
      minRows={3}
      maxRows={14}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        if (text !== notes) void save(text)
      }}
    />
  )
}

function Files({ id }: { id: string }) {
  const { data } = useQuery({
    queryKey: ['experiments', id, 'attachments'],
    queryFn: () => fetchAttachments(id),
  })
  if (data === undefined || data.attachments.length === 0) return null
  return (
    <>
      <h2>Files</h2>
      <ul className={styles.files}>
        {data.attachments.map((file) => (
          <li key={file.file_id} className="mono wrap-anywhere">
            <a href={attachmentUrl(id, file.file_id)} target="_blank" rel="noreferrer">
              {file.file_path ?? file.file_id}
            </a>
            {file.line_no !== null && `:${file.line_no}`}
          </li>
        ))}
      </ul>
    </>
  )
}
