/** Runs the layout beside the page, so that a large graph never freezes it. */
import { type LayoutRequest, layoutOutline, type Place } from './layout.ts'

export interface LayoutJob {
  request: LayoutRequest
}

export interface LayoutAnswer {
  places: Map<string, Place>
}

let before = new Map<string, Place>()

self.onmessage = (message: MessageEvent<LayoutJob>) => {
  before = layoutOutline(message.data.request, before)
  const answer: LayoutAnswer = { places: before }
  self.postMessage(answer)
}
