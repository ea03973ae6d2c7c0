/** Lays out a graph from left to right in layers: what follows stands further right, few lines cross. */

export interface LayoutInput {
  sizes: readonly { width: number; height: number }[]
  /** Pairs of indexes; they point forward and make no circle. */
  edges: readonly (readonly [number, number])[]
}

export interface LayoutOutput {
  /** Left upper corners, by index. */
  places: { x: number; y: number }[]
  width: number
  height: number
}

const layer_gap_px = 44
const node_gap_px = 18
const sweeps = 4

export function layered({ sizes, edges }: LayoutInput): LayoutOutput {
  const before: number[][] = sizes.map(() => [])
  const after: number[][] = sizes.map(() => [])
  for (const [from, to] of edges) {
    before[to]?.push(from)
    after[from]?.push(to)
  }
  const layers = layersOf(before, after)
  const rank = new Array<number>(sizes.length).fill(0)
  layers.forEach(number)
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const forward = sweep % 2 === 0
    const order = forward ? layers : layers.toReversed()
    for (const layer of order) {
      const near = forward ? before : after
      layer.sort((a, b) => middleOf(near[a] ?? [], rank, a) - middleOf(near[b] ?? [], rank, b))
      number(layer)
    }
  }
  return placed(layers, sizes)

  function number(layer: number[]) {
    layer.forEach((node, i) => {
      rank[node] = i - (layer.length - 1) / 2
    })
  }
}

/** Each node one layer behind the last of those that lead to it. */
function layersOf(before: readonly number[][], after: readonly number[][]): number[][] {
  const waits = before.map((list) => list.length)
  const depth = new Array<number>(before.length).fill(0)
  const ready = waits.flatMap((n, node) => (n === 0 ? [node] : []))
  const layers: number[][] = []
  for (let at = 0; at < ready.length; at += 1) {
    const node = ready[at] as number
    const layer = depth[node] ?? 0
    layers[layer] ??= []
    layers[layer].push(node)
    for (const next of after[node] ?? []) {
      depth[next] = Math.max(depth[next] ?? 0, layer + 1)
      waits[next] = (waits[next] ?? 0) - 1
      if (waits[next] === 0) ready.push(next)
    }
  }
  return layers
}

function middleOf(near: readonly number[], rank: readonly number[], self: number): number {
  if (near.length === 0) return rank[self] ?? 0
  return near.reduce((sum, node) => sum + (rank[node] ?? 0), 0) / near.length
}

function placed(layers: readonly number[][], sizes: LayoutInput["sizes"]): LayoutOutput {
  const heights = layers.map((layer) =>
    layer.reduce((sum, node) => sum + (sizes[node]?.height ?? 0) + node_gap_px, -node_gap_px),
  )
  const height = heights.reduce((a, b) => Math.max(a, b), 0)
  const places = sizes.map(() => ({ x: 0, y: 0 }))
  let x = 0
  layers.forEach((layer, i) => {
    const width = layer.reduce((most, node) => Math.max(most, sizes[node]?.width ?? 0), 0)
    let y = (height - (heights[i] ?? 0)) / 2
    for (const node of layer) {
      const size = sizes[node]
      places[node] = { x: x + (width - (size?.width ?? 0)) / 2, y }
      y += (size?.height ?? 0) + node_gap_px
    }
    x += width + layer_gap_px
  })
  return { places, width: Math.max(0, x - layer_gap_px), height }
}
