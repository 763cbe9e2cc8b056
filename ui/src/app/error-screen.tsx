/** What is shown instead of a view: it failed, or the address names nothing. */
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { CircleAlert, Compass } from 'lucide-react'
import { sentenceOf } from '../api/http.ts'
import { Blank } from '../parts/blank.tsx'

export function ErrorScreen({ error, reset }: { error: unknown; reset?: () => void }) {
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
