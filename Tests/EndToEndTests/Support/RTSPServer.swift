import Foundation
import Glibc

/// A real RTSP server on loopback, which shows each viewer the bundled clip as a camera would, again and again.
struct RTSPServer {
    /// Debian's: others don't find Debian's bindings.
    private static let python = "/usr/bin/python3"
    private static let script = "\(Gerund.root)/Tests/EndToEnd/rtsp_server.py"
    /// How the server says that a part of it is not installed.
    private static let missing: Int32 = 77

    private let process: ChildProcess
    let port: UInt16

    /// Whether its Debian packages are installed. Anything else that is wrong shows when it is started.
    static var isInstalled: Bool {
        get async throws {
            guard FileManager.default.isExecutableFile(atPath: Self.python) else { return false }
            let process = try ChildProcess(Self.python, [Self.script, Gerund.clip, "--check"])
            return try await process.result().ending != .exited(Self.missing)
        }
    }

    /// - Parameters:
    ///   - port: `nil` for any that is free.
    ///   - password: Asked from the user `viewer`; `nil` lets everybody in.
    init(port: UInt16? = nil, password: String? = nil) async throws {
        var arguments = [Self.script, Gerund.clip]
        if let port { arguments += ["--port", "\(port)"] }
        if let password { arguments += ["--user", "viewer", "--password", password] }
        let process = try ChildProcess(Self.python, arguments)
        try await process.wait(for: "the RTSP server") { $0.output.hasSuffix("\n") }
        self.process = process
        self.port = UInt16(process.output.dropFirst("ready ".count).dropLast()) ?? 0
    }

    /// The camera's address, with `password` for its user.
    func address(password: String? = nil, path: String = "camera", name: String = "door") -> String {
        "rtsp://\(password.map { "viewer:\($0)@" } ?? "")127.0.0.1:\(self.port)/\(path)#name=\(name)"
    }

    /// Pulls the plug: nothing is said to viewers.
    func unplug() async throws {
        self.process.signal(SIGKILL)
        _ = try await self.process.result()
    }

    /// Lets the camera hang, or go on.
    func freeze(_ isFrozen: Bool) { self.process.signal(isFrozen ? SIGSTOP : SIGCONT) }
}
