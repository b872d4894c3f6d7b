/** The message to show for a thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something failed without saying why.';
}
