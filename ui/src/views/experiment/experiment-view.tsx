/** One experiment: its graph of LLM calls, what each was asked and answered, edits and reruns. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { CircleAlert } from 'lucide-react'
import { lazy, Suspense, useCallback } from 'react'
import type { DataflowGraphAnswer, ExperimentSummary } from '../../../../src/wire/experiment-api.ts'
import { fetchAttempts, fetchDataflow, fetchExperiment } from '../../api/experiments.ts'
import { isNotFound, sentenceOf } from '../../api/http.ts'
import { positive } from '../../app/search-params.ts'
import { useExperimentNews } from '../../live/experiment-news.ts'
import { Blank } from '../../parts/blank.tsx'
import { loaded } from '../../parts/load-error.ts'
import { CallPanel } from './call-panel.tsx'
import styles from './experiment.module.css'
import { ExperimentFacts } from './experiment-facts.tsx'
import { ExperimentHeader } from './experiment-header.tsx'
import { useDraftedCalls, useDrafts } from './use-drafts.ts'

const DataflowView = lazy(() =>
  loaded(import('./dataflow-view.tsx')).then((file) => ({ default: file.DataflowView })),
)

export function ExperimentView() {
  const { sessionId } = useParams({ from: '/experiments/$sessionId' })
  useExperimentNews()
  const { data, error, refetch } = useQuery({
    queryKey: ['experiments', sessionId],
    queryFn: () => fetchExperiment(sessionId),
  })
  if (data === undefined)
    return error === null ? (
      <Blank title="Loading the experiment" />
    ) : (
      <Blank
        icon={<CircleAlert size={20} />}
        title={isNotFound(error) ? 'No such experiment' : 'The experiment could not be read'}
        text={
          isNotFound(error)
            ? `Nothing is recorded of ${sessionId}. It may have been deleted.`
            : sentenceOf(error)
        }
      >
        <Button variant="default" onClick={() => void refetch()}>
          Try again
        </Button>
        <Button variant="default" renderRoot={(props) => <Link to="/" {...props} />}>
          All runs
        </Button>
      </Blank>
    )
  return <OpenExperiment key={sessionId} experiment={data} />
}

// internal

function OpenExperiment({ experiment }: { experiment: ExperimentSummary }) {
  const search = useSearch({ from: '/experiments/$sessionId' })
  const navigate = useNavigate({ from: '/experiments/$sessionId' })
  const id = experiment.session_id
  const attempt = positive(search.attempt)
  const shown = attempt === experiment.attempt ? undefined : attempt
  const { data: attempts } = useQuery({
    queryKey: ['experiments', id, 'attempts'],
    queryFn: () => fetchAttempts(id),
  })
  const { data: graph, error } = useQuery({
    queryKey: ['experiments', id, 'graph', shown ?? 'now'],
    queryFn: () => fetchDataflow(id, shown),
  })
  const drafts = useDrafts()
  const drafted = useDraftedCalls(drafts)
  const open = useCallback(
    (call: string | undefined) =>
      void navigate({
        search: (before) => ({ ...before, call, view: call === undefined ? undefined : before.view }),
      }),
    [navigate],
  )
  return (
    <div className={styles.view}>
      <ExperimentHeader
        experiment={experiment}
        attempts={attempts?.attempts ?? []}
        shown={shown}
        calls={graph?.nodes.length}
        drafts={drafts}
      />
      <div className={styles.body}>
        <div className={styles.graph}>
          <GraphArea
            experiment={experiment}
            graph={graph}
            error={error}
            open={open}
            selected={search.call}
            edited={editedCalls(attempts?.attempts ?? [])}
            unsaved={shown === undefined ? drafted : NO_CALLS}
          />
        </div>
        {search.call === undefined || graph === undefined ? (
          <ExperimentFacts experiment={experiment} />
        ) : (
          <CallPanel
            key={`${search.call} ${shown}`}
            experiment={experiment}
            graph={graph}
            callId={search.call}
            attempt={shown}
            drafts={drafts}
            close={() => open(undefined)}
          />
        )}
      </div>
    </div>
  )
}

const NO_CALLS: ReadonlySet<string> = new Set()

interface GraphAreaProps {
  experiment: ExperimentSummary
  graph: DataflowGraphAnswer | undefined
  error: unknown
  selected: string | undefined
  edited: ReadonlySet<string>
  unsaved: ReadonlySet<string>
  open: (call: string) => void
}

function GraphArea({ experiment, graph, error, selected, edited, unsaved, open }: GraphAreaProps) {
  if (graph === undefined)
    return (
      <Blank
        title={error === null ? 'Loading the graph' : 'The graph could not be read'}
        text={error === null ? undefined : sentenceOf(error)}
      />
    )
  if (graph.nodes.length === 0)
    return (
      <Blank
        title={experiment.status === 'running' ? 'No LLM calls yet' : 'No LLM calls'}
        text={
          experiment.status === 'running'
            ? 'The program runs; its calls appear here as it makes them.'
            : 'The program ended without a call that was recorded.'
        }
      />
    )
  return (
    <Suspense fallback={<Blank title="Loading the graph" />}>
      <DataflowView graph={graph} selected={selected} edited={edited} unsaved={unsaved} open={open} />
    </Suspense>
  )
}

/** The calls with an edit that was not taken back. */
function editedCalls(
  attempts: readonly { edits: { node_id: string; field: string; value: string | null; id: number }[] }[],
): Set<string> {
  const latest = new Map<string, { node: string; on: boolean }>()
  const edits = attempts.flatMap((attempt) => attempt.edits).sort((a, b) => a.id - b.id)
  for (const edit of edits)
    latest.set(`${edit.node_id} ${edit.field}`, { node: edit.node_id, on: edit.value !== null })
  return new Set([...latest.values()].filter((edit) => edit.on).map((edit) => edit.node))
}
