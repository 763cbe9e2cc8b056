/** Calls at once, then at most every `ms`, and never loses the last call. */
export interface Throttle {
  call(): void
  cancel(): void
}

export function createThrottle(run: () => void, ms: number): Throttle {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = false

  function rest(): void {
    timer = setTimeout(() => {
      timer = undefined
      if (wanted) fire()
    }, ms)
  }

  function fire(): void {
    wanted = false
    run()
    rest()
  }

  return {
    call() {
      if (timer === undefined) fire()
      else wanted = true
    },
    cancel() {
      clearTimeout(timer)
      timer = undefined
      wanted = false
    },
  }
}
