using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .platform)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const platform :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = "2026-08-01",
);
