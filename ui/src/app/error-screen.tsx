/** What is shown instead of a view: it failed, it could not be loaded, or the address names nothing. */
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { CircleAlert, CloudOff, Compass } from 'lucide-react'
import { useState } from 'react'
import { reachServer, sentenceOf } from '../api/http.ts'
import { Blank } from '../parts/blank.tsx'
import { LoadError } from '../parts/load-error.ts'

export function ErrorScreen({ error, reset }: { error: unknown; reset?: () => void }) {
  if (error instanceof LoadError) return <LoadFailure />
  return (
    <Blank icon={<CircleAlert size={22} />} title="This view could not be shown" text={sentenceOf(error)}>
      <Button variant="default" onClick={() => (reset === undefined ? location.reload() : reset())}>
        Try again
      </Button>
    </Blank>
  )
}

export function NotFoundScreen() {
  return (
    <Blank
      icon={<Compass size={22} />}
      title="Nothing is at this address"
      text="The link may be older than this version."
    >
      <Button variant="default" renderRoot={(props) => <Link to="/" {...props} />}>
        All runs
      </Button>
    </Blank>
  )
}

// internal

/**
 * A browser remembers a file of a view that it could not load, so only a new page helps; and only once the server answers, because
 * until then the browser's own error page would take the place of this one.
 */
function LoadFailure() {
  const [fault, setFault] = useState<string>()
  const [busy, setBusy] = useState(false)
  async function tryAgain(): Promise<void> {
    setBusy(true)
    try {
      await reachServer()
      location.reload()
    } catch (error) {
      setFault(sentenceOf(error))
      setBusy(false)
    }
  }
  return (
    <Blank
      icon={<CloudOff size={22} />}
      title="This view could not be loaded"
      text={fault ?? 'The server could not be reached when it was opened, or has another version by now.'}
    >
      <Button variant="default" loading={busy} onClick={() => void tryAgain()}>
        Try again
      </Button>
    </Blank>
  )
}
