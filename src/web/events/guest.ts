/** The room's surface: events, targets, and the reporting of exceptions that nobody catches. */
export { Event, type EventInit, isEvent, trusted } from "./guest/event.ts";
export {
  CloseEvent,
  type CloseEventInit,
  CustomEvent,
  type CustomEventInit,
  ErrorEvent,
  type ErrorEventInit,
  MessageEvent,
  type MessageEventInit,
  PromiseRejectionEvent,
} from "./guest/kinds.ts";
export {
  dispatchGlobalError,
  dispatchRejectionHandled,
  dispatchUnhandledRejection,
  reportError,
  reportException,
} from "./guest/report.ts";
export {
  type AddEventListenerOptions,
  defineEventHandler,
  dispatch,
  type EventListener,
  EventTarget,
  listenerCount,
  watchListeners,
} from "./guest/target.ts";
