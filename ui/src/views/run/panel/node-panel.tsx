/** Everything that is known of one node at the moment that is shown. */
import { Button, CloseButton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { RunNode } from '../../../../../src/domain/run-graph.ts'
import { type NodeStory, nodeStoryAt } from '../../../fold/node-story.ts'
import { formatMs, formatTokens } from '../../../format/numbers.ts'
import { plural, shortId } from '../../../format/text.ts'
import { Blank } from '../../../parts/blank.tsx'
import { CopyIcon } from '../../../parts/copy-button.tsx'
import { LongText } from '../../../parts/long-text.tsx'
import { Clock } from '../../../parts/moment.tsx'
import { readable, StatusBadge, StatusDot } from '../../../parts/status.tsx'
import { useRun } from '../run-context.ts'
import { CallItem } from './call-item.tsx'
import { PlanSection, ResultSection } from './node-texts.tsx'
import styles from './panel.module.css'
import { Section } from './section.tsx'
import { ToolItem } from './tool-item.tsx'

export function NodePanel({ nodeId }: { nodeId: string }) {
  const { log, version, ordinal, state, navigate } = useRun()
  const node = state.graph.nodes.get(nodeId)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log changes in place, so its version tells of changes
  const story = useMemo(() => nodeStoryAt(log, nodeId, ordinal), [log, version, ordinal, nodeId])
  return (
    <>
      <header className={styles.header}>
        <span className={styles.headline}>
          <b className="mono">
            {node === undefined || node.nid === ''
              ? node?.layer === 0
                ? 'root'
                : shortId(nodeId)
              : node.nid}
          </b>
          {node !== undefined && <StatusBadge status={node.status} />}
        </span>
        <CopyIcon value={nodeId} what="node id" />
        <CloseButton size="sm" aria-label="Close" onClick={() => navigate({ node: undefined })} />
      </header>
      <div className={styles.scroll}>
        {node === undefined && story.events === 0 ? (
          <Blank title="Not there yet" text="This node does not exist at the moment that is shown." />
        ) : (
          <NodeBody node={node} nodeId={nodeId} story={story} />
        )}
      </div>
    </>
  )
}

// internal

function NodeBody({ node, nodeId, story }: { node: RunNode | undefined; nodeId: string; story: NodeStory }) {
  return (
    <>
      {node !== undefined && (
        <div className={styles.lead}>
          <LongText text={node.goal || 'No goal was given.'} what="goal" />
          <Facts node={node} story={story} />
        </div>
      )}
      {story.result !== undefined && <ResultSection event={story.result} />}
      {story.plan !== undefined && <PlanSection event={story.plan} />}
      {story.calls.length > 0 && (
        <Section title="LLM calls" count={story.calls.length}>
          {story.calls.map((span) => (
            <CallItem key={span.index} span={span} />
          ))}
        </Section>
      )}
      {story.tools.length > 0 && (
        <Section title="Tools" count={story.tools.length}>
          {story.tools.map((span) => (
            <ToolItem key={span.index} span={span} />
          ))}
        </Section>
      )}
      <InnerNodes nodeId={nodeId} />
      <StatusHistory story={story} />
      <div className={styles.foot}>
        <Button
          size="compact-xs"
          variant="default"
          renderRoot={(props) => (
            <Link
              from="/runs/$runId"
              to="."
              search={(before) => ({ ...before, tab: 'events', of: nodeId })}
              {...props}
            />
          )}
        >
          {plural(story.events, 'event')} of this node
        </Button>
      </div>
    </>
  )
}

function Facts({ node, story }: { node: RunNode; story: NodeStory }) {
  const tokensIn = story.calls.reduce((sum, span) => sum + span.tokensIn, 0)
  const tokensOut = story.calls.reduce((sum, span) => sum + span.tokensOut, 0)
  const busy = story.steps.reduce(
    (sum, span) => sum + (span.endTime === undefined ? 0 : span.endTime - span.beginTime),
    0,
  )
  return (
    <dl className={styles.facts}>
      <Fact name="Task">{readable(node.taskType || 'unknown')}</Fact>
      <Fact name="Type">{readable(node.type || 'unknown')}</Fact>
      <Fact name="Layer">{node.layer}</Fact>
      <Fact name="Time in steps">{busy === 0 ? '–' : formatMs(busy)}</Fact>
      <Fact name="Tokens">
        {tokensIn + tokensOut === 0 ? '–' : `${formatTokens(tokensIn)} in, ${formatTokens(tokensOut)} out`}
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">{children}</dd>
    </div>
  )
}

function StatusHistory({ story }: { story: NodeStory }) {
  const { openEvent } = useRun()
  if (story.statuses.length === 0) return null
  return (
    <Section title="Status history" count={story.statuses.length}>
      <ol className={styles.history}>
        {story.statuses.map((moment, index) => {
          const next = story.statuses[index + 1]
          return (
            <li key={moment.ordinal}>
              <StatusDot status={moment.status} />
              <button type="button" className={styles.textButton} onClick={() => openEvent(moment.ordinal)}>
                {readable(moment.status)}
              </button>
              <span className="faint num">{next === undefined ? '' : formatMs(next.time - moment.time)}</span>
              <span className="dim">
                <Clock timestamp={moment.timestamp} time={moment.time} />
              </span>
            </li>
          )
        })}
      </ol>
    </Section>
  )
}

/** More than this would be a list to scroll, not to read; the graph shows them all. */
const INNER_MAX = 50

function InnerNodes({ nodeId }: { nodeId: string }) {
  const { state, version, openNode } = useRun()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the graph changes in place, so its version tells of changes
  const inner = useMemo(
    () => [...state.graph.nodes.values()].filter((node) => node.outer === nodeId),
    [state, version, nodeId],
  )
  if (inner.length === 0) return null
  return (
    <Section title="Inner nodes" count={inner.length}>
      <ul className={styles.inner}>
        {inner.slice(0, INNER_MAX).map((node) => (
          <li key={node.id}>
            <button type="button" onClick={() => openNode(node.id)} title={node.goal}>
              <StatusDot status={node.status} />
              <span className="mono dim">{node.nid}</span>
              <span className="cut" dir="auto">
                {node.goal}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {inner.length > INNER_MAX && (
        <p className="faint">and {plural(inner.length - INNER_MAX, 'more node')}</p>
      )}
    </Section>
  )
}
