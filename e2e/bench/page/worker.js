import "./socket.js";
import "./spate-worker_loader.js";
