import { WireError } from '../../source/wire/errors.js';

/** The WireError that an action throws. Whatever else it throws, or nothing at all, fails the test. */
export function failureOf(action: () => unknown): WireError {
  try {
    action();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error('no error');
}
