/** Globals of workers that Node lacks, for the functions that tests run inside of one. */
interface GuestScheduler {
  wait(delay: number, options?: { signal?: AbortSignal }): Promise<void>;
}

declare const scheduler: GuestScheduler;
declare function addEventListener(type: string, listener: (event: Event) => void): void;
declare function removeEventListener(type: string, listener: (event: Event) => void): void;
declare function dispatchEvent(event: Event): boolean;
declare function reportError(error: unknown): void;
