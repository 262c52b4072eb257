/** The compatibility flags of workerd (https://developers.cloudflare.com/workers/configuration/compatibility-flags/). */

/** What a worker asks for. */
export interface Compatibility {
  readonly date: string;
  readonly flags: readonly string[];
}

type Row = readonly [name: string, since: string, off: string | null];

/** Flags that are on from a date: the flag, that date, and the flag that turns it off. */
const BY_DATE: readonly Row[] = [
  ["formdata_parser_supports_files", "2021-11-03", "formdata_parser_converts_files_to_strings"],
  ["durable_object_fetch_requires_full_url", "2021-11-10", "durable_object_fetch_allows_relative_url"],
  ["fetch_refuses_unknown_protocols", "2021-11-10", "fetch_treats_unknown_protocols_as_http"],
  ["streams_byob_reader_detaches_buffer", "2021-11-10", "streams_byob_reader_does_not_detach_buffer"],
  ["workers_api_getters_setters_on_prototype", "2022-01-31", "workers_api_getters_setters_on_instance"],
  ["no_cots_on_external_fetch", "2022-03-08", "cots_on_external_fetch"],
  ["global_navigator", "2022-03-21", "no_global_navigator"],
  ["minimal_subrequests", "2022-04-05", "no_minimal_subrequests"],
  ["dont_substitute_null_on_type_error", "2022-06-01", "substitute_null_on_type_error"],
  ["r2_list_honor_include", "2022-08-04", null],
  ["capture_async_api_throws", "2022-10-31", "do_not_capture_async_api_throws"],
  ["export_commonjs_default", "2022-10-31", "export_commonjs_namespace"],
  ["url_standard", "2022-10-31", "url_original"],
  ["streams_enable_constructors", "2022-11-30", "streams_disable_constructors"],
  [
    "transformstream_enable_standard_constructor",
    "2022-11-30",
    "transformstream_disable_standard_constructor",
  ],
  ["dynamic_dispatch_tunnel_exceptions", "2023-03-01", "dynamic_dispatch_treat_exceptions_as_500"],
  ["http_headers_getsetcookie", "2023-03-01", "no_http_headers_getsetcookie"],
  ["response_redirect_url_standard", "2023-03-14", "response_redirect_url_original"],
  ["urlsearchparams_delete_has_value_arg", "2023-07-01", "no_urlsearchparams_delete_has_value_arg"],
  ["no_cf_botmanagement_default", "2023-08-01", "cf_botmanagement_default"],
  ["strict_compression_checks", "2023-08-01", "no_strict_compression_checks"],
  ["strict_crypto_checks", "2023-08-01", "no_strict_crypto_checks"],
  ["web_socket_compression", "2023-08-15", "no_web_socket_compression"],
  ["vectorize_query_metadata_optional", "2023-11-08", "vectorize_query_original"],
  ["crypto_preserve_public_exponent", "2023-12-01", "no_crypto_preserve_public_exponent"],
  ["no_global_importscripts", "2024-03-04", "global_importscripts"],
  ["queues_json_messages", "2024-03-18", "no_queues_json_messages"],
  ["fetcher_no_get_put_delete", "2024-03-26", "fetcher_has_get_put_delete"],
  ["unwrap_custom_thenables", "2024-04-01", "no_unwrap_custom_thenables"],
  ["rpc", "2024-04-03", null],
  ["brotli_content_encoding", "2024-04-29", "no_brotli_content_encoding"],
  ["internal_stream_byob_return_view", "2024-05-13", "internal_stream_byob_return_undefined"],
  ["blob_standard_mime_type", "2024-06-03", "blob_legacy_mime_type"],
  ["fetch_standard_url", "2024-06-03", "fetch_legacy_url"],
  ["allow_custom_ports", "2024-09-02", "ignore_custom_ports"],
  [
    "internal_writable_stream_abort_clears_queue",
    "2024-09-02",
    "internal_writable_stream_abort_does_not_clear_queue",
  ],
  ["set_tostring_tag", "2024-09-26", "do_not_set_tostring_tag"],
  ["handle_cross_request_promise_resolution", "2024-10-14", "no_handle_cross_request_promise_resolution"],
  ["upper_case_all_http_methods", "2024-10-14", "no_upper_case_all_http_methods"],
  ["cache_option_enabled", "2024-11-11", "cache_option_disabled"],
  ["disable_top_level_await_in_require", "2024-12-02", "enable_top_level_await_in_require"],
  ["fixup-transform-stream-backpressure", "2024-12-16", null],
  ["unique_ctx_per_invocation", "2025-03-10", null],
  ["assets_navigation_prefers_asset_serving", "2025-04-01", "assets_navigation_has_no_effect"],
  ["request_cf_overrides_cache_rules", "2025-04-02", "no_request_cf_overrides_cache_rules"],
  ["cache_api_compat_flags", "2025-04-19", "no_cache_api_compat_flags"],
  ["urlpattern_standard", "2025-05-01", "urlpattern_original"],
  ["enable_weak_ref", "2025-05-05", "disable_weak_ref"],
  [
    "cache_api_request_cf_overrides_cache_rules",
    "2025-05-19",
    "no_cache_api_request_cf_overrides_cache_rules",
  ],
  ["enable_navigator_language", "2025-05-19", "disable_navigator_language"],
  ["allow_eval_during_startup", "2025-06-01", "disallow_eval_during_startup"],
  [
    "bind_asynclocalstorage_snapshot_to_request",
    "2025-06-16",
    "do_not_bind_asynclocalstorage_snapshot_to-request",
  ],
  ["throw_on_unrecognized_import_assertion", "2025-06-16", "ignore_unrecognized_import_assertion"],
  ["set_event_target_this", "2025-08-01", "no_set_event_target_this"],
  ["set_forwardable_email_full_headers", "2025-08-01", "set_forwardable_email_single_headers"],
  ["cache_no_cache_enabled", "2025-08-07", "cache_no_cache_disabled"],
  ["python_workers_force_new_vendor_path", "2025-08-11", null],
  ["python_no_global_handlers", "2025-08-14", "disable_python_no_global_handlers"],
  ["expose_global_message_channel", "2025-08-15", "no_expose_global_message_channel"],
  [
    "strip_authorization_on_cross_origin_redirect",
    "2025-09-01",
    "retain_authorization_on_cross_origin_redirect",
  ],
  ["enable_validate_workflow_entrypoint", "2025-09-20", "disable_validate_workflow_entrypoint"],
  ["enable_ctx_exports", "2025-11-17", "disable_ctx_exports"],
  ["enable_fast_jsg_struct", "2025-12-03", "disable_fast_jsg_struct"],
  ["strip_bom_in_read_all_text", "2026-01-13", "do_not_strip_bom_in_read_all_text"],
  ["rpc_params_dup_stubs", "2026-01-20", "rpc_params_transfer_stubs"],
  ["require_returns_default_export", "2026-01-22", "require_returns_namespace"],
  ["python_request_headers_preserve_commas", "2026-02-17", "disable_python_request_headers_preserve_commas"],
  ["fetch_iterable_type_support", "2026-02-19", "no_fetch_iterable_type_support"],
  [
    "fetch_iterable_type_support_override_adjustment",
    "2026-02-19",
    "no_fetch_iterable_type_support_override_adjustment",
  ],
  ["delete_all_deletes_alarm", "2026-02-24", "delete_all_preserves_alarm"],
  ["text_decoder_replace_surrogates", "2026-02-24", "disable_text_decoder_replace_surrogates"],
  ["text_decoder_cjk_decoder", "2026-03-03", "disable_text_decoder_cjk_decoder"],
  [
    "unhandled_rejection_after_microtask_checkpoint",
    "2026-03-03",
    "no_unhandled_rejection_after_microtask_checkpoint",
  ],
  ["websocket_close_reason_byte_limit", "2026-03-03", "no_websocket_close_reason_byte_limit"],
  ["queue_expose_error_codes", "2026-03-12", "no_queue_expose_error_codes"],
  ["websocket_standard_binary_type", "2026-03-17", "no_websocket_standard_binary_type"],
  [
    "encoder_stream_spec_compliant_backpressure",
    "2026-03-24",
    "no_encoder_stream_spec_compliant_backpressure",
  ],
  ["writable_stream_spec_compliant_writer", "2026-03-24", "no_writable_stream_spec_compliant_writer"],
  ["containers_pid_namespace", "2026-04-01", "no_containers_pid_namespace"],
  ["web_socket_auto_reply_to_close", "2026-04-07", "web_socket_manual_reply_to_close"],
  ["enable_python_external_sdk", "2026-04-21", "disable_python_external_sdk"],
  ["enhanced_error_serialization", "2026-04-21", "legacy_error_serialization"],
  [
    "workflows_preserve_non_retryable_error_message",
    "2026-05-14",
    "workflows_replace_non_retryable_error_message",
  ],
  [
    "diagnostics_channel_has_subscribers_getter",
    "2026-05-19",
    "no_diagnostics_channel_has_subscribers_getter",
  ],
  ["python_process_pth_files", "2026-05-26", "disable_python_process_pth_files"],
  ["throw_on_not_implemented_tls_options", "2026-06-16", "no_throw_on_not_implemented_tls_options"],
  ["nodejs_compat", "2026-08-04", "no_nodejs_compat"],
  ["nodejs_compat_v2", "2026-08-04", "no_nodejs_compat_v2"],
  ["nodejs_zlib", "2026-08-04", "no_nodejs_zlib"],
  ["workflows_enable_fast_engine_creation", "2026-08-11", "workflows_disable_fast_engine_creation"],
  ["spec_compliant_dispatch_exceptions", "2026-09-15", "no_spec_compliant_dispatch_exceptions"],
  [
    "durable_object_io_tasks_prevent_eviction",
    "2026-10-01",
    "durable_object_io_tasks_do_not_prevent_eviction",
  ],
  ["cache_option_preserves_cache_control", "2026-11-17", "cache_option_overrides_cache_control"],
  ["enable_request_signal", "2026-11-17", "disable_request_signal"],
  ["new_module_registry", "2026-11-17", "legacy_module_registry"],
  ["pipe_to_backward_propagation", "2026-11-17", "no_pipe_to_backward_propagation"],
];

/** Those that `nodejs_compat` brings with it, from a date. */
const WITH_NODEJS: readonly Row[] = [
  ["nodejs_compat_v2", "2024-09-23", "no_nodejs_compat_v2"],
  ["nodejs_zlib", "2024-09-23", "no_nodejs_zlib"],
  ["nodejs_compat_populate_process_env", "2025-04-01", "nodejs_compat_do_not_populate_process_env"],
  ["enable_nodejs_http_modules", "2025-08-15", "disable_nodejs_http_modules"],
  ["enable_nodejs_http2_module", "2025-09-01", "disable_nodejs_http2_module"],
  ["enable_nodejs_http_server_modules", "2025-09-01", "disable_nodejs_http_server_modules"],
  ["remove_nodejs_compat_eol", "2025-09-01", "add_nodejs_compat_eol"],
  ["enable_nodejs_fs_module", "2025-09-15", "disable_nodejs_fs_module"],
  ["enable_nodejs_os_module", "2025-09-15", "disable_nodejs_os_module"],
  ["enable_nodejs_process_v2", "2025-09-15", "disable_nodejs_process_v2"],
  ["enable_nodejs_console_module", "2025-09-21", "disable_nodejs_console_module"],
  ["enable_nodejs_vm_module", "2025-10-01", "disable_nodejs_vm_module"],
  ["enable_nodejs_cluster_module", "2025-12-04", "disable_nodejs_cluster_module"],
  ["enable_nodejs_domain_module", "2025-12-04", "disable_nodejs_domain_module"],
  ["enable_nodejs_punycode_module", "2025-12-04", "disable_nodejs_punycode_module"],
  ["enable_nodejs_trace_events_module", "2025-12-04", "disable_nodejs_trace_events_module"],
  ["enable_nodejs_wasi_module", "2025-12-04", "disable_nodejs_wasi_module"],
  ["enable_nodejs_dgram_module", "2026-01-29", "disable_nodejs_dgram_module"],
  ["enable_nodejs_inspector_module", "2026-01-29", "disable_nodejs_inspector_module"],
  ["enable_nodejs_sqlite_module", "2026-01-29", "disable_nodejs_sqlite_module"],
  ["enable_nodejs_stream_wrap_module", "2026-01-29", "disable_nodejs_stream_wrap_module"],
  ["enable_nodejs_global_timers", "2026-02-10", "no_nodejs_global_timers"],
  ["enable_global_performance_classes", "2026-03-17", "disable_global_performance_classes"],
  ["enable_nodejs_child_process_module", "2026-03-17", "disable_nodejs_child_process_module"],
  ["enable_nodejs_perf_hooks_module", "2026-03-17", "disable_nodejs_perf_hooks_module"],
  ["enable_nodejs_readline_module", "2026-03-17", "disable_nodejs_readline_module"],
  ["enable_nodejs_repl_module", "2026-03-17", "disable_nodejs_repl_module"],
  ["enable_nodejs_tty_module", "2026-03-17", "disable_nodejs_tty_module"],
  ["enable_nodejs_v8_module", "2026-03-17", "disable_nodejs_v8_module"],
  ["enable_nodejs_worker_threads_module", "2026-03-17", "disable_nodejs_worker_threads_module"],
];

/** Flags that no date turns on. */
const BY_NAME: readonly string[] = [
  "allow_insecure_inefficient_logged_eval",
  "allow_irrevocable_stub_storage",
  "auto_grpc_convert",
  "auto_inject_python_workers",
  "cache_reload_enabled",
  "connect_handler_starttls",
  "connect_pass_through",
  "d1_binding_jsrpc",
  "disallow_importable_env",
  "durable_object_alarms",
  "durable_object_get_existing",
  "durable_object_rename",
  "durable_object_snapshots",
  "enable_abortsignal_rpc",
  "enable_ctx_version_metadata",
  "enable_d1_with_sessions_api",
  "enable_email_sending_queuing",
  "enable_nodejs_inspector_local_dev",
  "enable_streams_nodejs_v24_compat",
  "enable_version_api",
  "enable_web_file_system",
  "env_module_nullable_support",
  "experimental",
  "expose_draining_reader",
  "expose_serialization_test_class",
  "global_fetch_strictly_public",
  "html_rewriter_treats_esi_include_as_void_tag",
  "immutable_api_prototypes",
  "increase_websocket_message_size",
  "js_rpc",
  "kv_direct_binding",
  "memory_cache_delete",
  "no_resizable_array_buffer_in_blob",
  "nodejs_als",
  "nodejs_process_version_24",
  "nonclass_entrypoint_reuses_ctx_across_invocations",
  "offpeak_location_hint",
  "pedantic_wpt",
  "precise_timers",
  "python_check_rng_state",
  "python_dedicated_snapshot",
  "python_dedicated_snapshot_keep_import_caches",
  "python_external_packages",
  "python_shared_standard_library",
  "python_workers",
  "python_workers_20250116",
  "python_workers_20260610",
  "python_workers_314",
  "python_workers_development",
  "python_workers_durable_objects",
  "python_workflows",
  "python_workflows_implicit_dependencies",
  "python_zstd_snapshot",
  "queue_consumer_no_wait_for_wait_until",
  "r2_binding_jsrpc",
  "remove_nodejs_compat_eol_v22",
  "remove_nodejs_compat_eol_v23",
  "remove_nodejs_compat_eol_v24",
  "replica_routing",
  "request_signal_passthrough",
  "rpc_dispose_cancels_call",
  "rtti_api",
  "service_binding_extra_handlers",
  "spec_compliant_property_attributes",
  "streaming_tail_worker",
  "streams_no_default_auto_allocate_chunk_size",
  "tail_worker_user_spans",
  "tcp_sockets_support",
  "temporal",
  "typescript_implemented_streams",
  "typescript_strip_types",
  "unsafe_module",
  "unsupported_process_actual_platform",
  "wasm_esm_integration_builtins",
  "wasm_memory_discard",
  "wasm_source_url_support",
  "webcrypto_modern_algorithms",
  "webgpu",
  "workflows_bindings_rpc",
  "workflows_step_rollback",
];

/** On whatever the date. */
const ALWAYS: readonly string[] = ["r2_public_beta_bindings"];

/** Whether a behaviour is on for a worker. Its own flags outdo its date. */
export function isFlagOn(compatibility: Compatibility, name: string): boolean {
  return compatibilityFlags(compatibility)[name] === true;
}

/** The names of all flags, those that turn a behaviour off among them. */
export function knownFlags(): ReadonlySet<string> {
  const rows = [...BY_DATE, ...WITH_NODEJS].flatMap(([on, , off]) => (off === null ? [on] : [on, off]));
  return new Set([...rows, ...BY_NAME, ...ALWAYS]);
}

/** A pair of flags that say the opposite of each other. */
export function contradiction(flags: readonly string[]): readonly [on: string, off: string] | undefined {
  for (const [on, , off] of [...BY_DATE, ...WITH_NODEJS]) {
    if (off !== null && flags.includes(on) && flags.includes(off)) return [on, off];
  }
  return undefined;
}

/** Every flag, and whether it is on. A worker's own flags outdo its date. */
export function compatibilityFlags({ date, flags }: Compatibility): Record<string, boolean> {
  const given = new Set(flags);
  const states: Record<string, boolean> = {};
  for (const name of BY_NAME) states[name] = given.has(name);
  for (const name of ALWAYS) states[name] = true;
  for (const [name, since, off] of BY_DATE) {
    states[name] = given.has(name) || (date >= since && !(off !== null && given.has(off)));
  }
  for (const [name, since, off] of WITH_NODEJS) {
    if (states[name] === true || (off !== null && given.has(off))) continue;
    states[name] = given.has(name) || (states["nodejs_compat"] === true && date >= since);
  }
  return states;
}
