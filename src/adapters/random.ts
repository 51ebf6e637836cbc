/** Chance for jitter, in [0, 1): not for secrets. */
export const randomNumber = (): number => Math.random();
