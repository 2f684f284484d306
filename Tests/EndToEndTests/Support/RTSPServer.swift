import Foundation
import Glibc

/// A GStreamer RTSP server on the loopback interface that streams the bundled clip to each client, in a loop.
struct RTSPServer {
    /// Debian's own interpreter: another one doesn't find Debian's bindings.
    private static let python = "/usr/bin/python3"
    private static let script = "\(Gerund.root)/Tests/Tools/rtsp_server.py"
    /// The server's exit code if a package is missing.
    private static let missing: Int32 = 77

    private let process: ChildProcess
    let port: UInt16

    /// A Boolean value that indicates whether the server's Debian packages are installed.
    static var isInstalled: Bool {
        get async throws {
            guard FileManager.default.isExecutableFile(atPath: Self.python) else { return false }
            let process = try ChildProcess(Self.python, [Self.script, Gerund.clip, "--check"])
            return try await process.result().ending != .exited(Self.missing)
        }
    }

    /// Starts the server.
    ///
    /// - Parameters:
    ///   - port: The port to listen on, or `nil` for any free one.
    ///   - password: The password of the user `viewer`, or `nil` for no authentication.
    /// - Throws: ``ChildProcess/TimedOut`` if the server doesn't start.
    init(port: UInt16? = nil, password: String? = nil) async throws {
        var arguments = [Self.script, Gerund.clip]
        if let port { arguments += ["--port", "\(port)"] }
        if let password { arguments += ["--user", "viewer", "--password", password] }
        let process = try ChildProcess(Self.python, arguments)
        try await process.wait(for: "the RTSP server") { $0.output.hasSuffix("\n") }
        self.process = process
        self.port = UInt16(process.output.dropFirst("ready ".count).dropLast()) ?? 0
    }

    /// Returns the camera's address, with credentials if there is a password.
    func address(password: String? = nil, path: String = "camera", name: String = "door") -> String {
        "rtsp://\(password.map { "viewer:\($0)@" } ?? "")127.0.0.1:\(self.port)/\(path)#name=\(name)"
    }

    /// Kills the server without closing its connections in order.
    func unplug() async throws {
        self.process.signal(SIGKILL)
        _ = try await self.process.result()
    }

    /// Suspends or resumes the server process.
    func freeze(_ isFrozen: Bool) { self.process.signal(isFrozen ? SIGSTOP : SIGCONT) }
}
