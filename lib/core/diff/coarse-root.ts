/** A power of two near the square root of `n`, as git's diff reckons its limits. */
export function coarseRoot(n: number): number {
  let root = 1;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 4)) root *= 2;
  return root;
}
