import CFFmpeg
import Dispatch
import GerundCore
import Logging
import Synchronization

/// Forwards libav's log to swift-log: redacted, single-line and rate-limited.
///
/// libav has one log per process, so this state is global too.
enum LibAVLog {
    /// The source that the current task or thread works for; `nil` on FFmpeg's own decoder threads, whose messages have
    /// no source.
    ///
    /// A task-local value can be bound on a thread without a task, too, as the sources' threads do.
    @TaskLocal static var current: Context?

    /// A source and its last errors, which are recorded whatever the log level and become the cause of a
    /// ``CaptureError``.
    final class Context: Sendable {
        let name: String
        private let lines = Mutex<[String]>([])

        init(name: String) {
            self.name = name
        }

        /// The last eight errors, without credentials, oldest first.
        var recentErrors: [String] { self.lines.withLock { $0 } }

        func record(_ line: String) {
            self.lines.withLock { lines in
                if lines.count == 8 { lines.removeFirst() }
                lines.append(line)
            }
        }

        /// Removes the recorded errors.
        func reset() {
            self.lines.withLock { $0.removeAll() }
        }
    }

    private struct State: Sendable {
        var logger = Logger(label: "ffmpeg")
        var redactor = Redactor()
        var throttle = LogThrottle()
        var isInstalled = false
    }

    private static let state = Mutex(State())
    /// FFmpeg's constant for the most verbose level that is forwarded; read for each message.
    private static let threshold = Atomic(AV_LOG_ERROR)

    /// Installs the log callback.
    ///
    /// Later calls only change the logger.
    ///
    /// - Parameter logger: The logger. Its level selects the messages.
    static func install(logger: Logger) {
        let isFirst = self.state.withLock { state in
            defer { state.isInstalled = true }
            state.logger = logger
            return !state.isInstalled
        }
        self.threshold.store(self.ffmpegLevel(for: logger.logLevel), ordering: .relaxed)
        guard isFirst else { return }
        unsafe av_log_set_callback { object, level, format, arguments in
            guard let format = unsafe format, let arguments = unsafe arguments else { return }
            unsafe LibAVLog.receive(object, level: level, format: format, arguments: arguments)
        }
    }

    /// Installs the log callback with a logger that discards messages, unless one is installed.
    static func installIfNeeded() {
        guard !self.state.withLock({ $0.isInstalled }) else { return }
        var logger = Logger(label: "ffmpeg")
        logger.logLevel = .critical
        self.install(logger: logger)
    }

    /// Adds secrets to those that are removed from messages.
    ///
    /// Secrets are never removed, because a message may still arrive after its source is closed.
    static func addSecrets(of redactor: Redactor) {
        self.state.withLock { $0.redactor = $0.redactor.union(redactor) }
    }

    private static func receive(
        _ object: UnsafeMutableRawPointer?, level: Int32, format: UnsafePointer<CChar>, arguments: CVaListPointer
    ) {
        // The upper bits encode a color.
        let level = level & 0xFF
        let isForwarded = level <= self.threshold.load(ordering: .relaxed)
        let current = self.current
        let isRecorded = level <= AV_LOG_ERROR && current != nil
        guard isForwarded || isRecorded else { return }
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2048) { buffer -> String in
            guard let start = buffer.baseAddress else { return "" }
            var printsPrefix: Int32 = 1
            unsafe start.initialize(repeating: 0, count: buffer.count)
            _ = unsafe av_log_format_line2(
                object, level, format, arguments, start, Int32(buffer.count), &printsPrefix)
            return unsafe String(cString: start)
        }
        self.handle(text, level: level, isForwarded: isForwarded, isRecorded: isRecorded, current: current)
    }

    private static func handle(
        _ text: String, level: Int32, isForwarded: Bool, isRecorded: Bool, current: Context?
    ) {
        let (redactor, logger) = self.state.withLock { ($0.redactor, $0.logger) }
        // The prefix contains a memory address, `[h264 @ 0x55d0c8]`, which makes otherwise equal lines differ.
        let line = redactor.redact(text.withoutPointers.trimmed).sanitized
        guard !line.isEmpty else { return }
        if isRecorded { current?.record(line) }
        guard isForwarded else { return }
        let now = DispatchTime.now().uptimeNanoseconds
        guard
            let suppressedCount = self.state.withLock({ state in
                state.throttle.admit(kind: LogThrottle.kind(of: line, source: current?.name), at: now)
            })
        else { return }
        var metadata: Logger.Metadata = [:]
        if let current { metadata["source"] = "\(current.name)" }
        if suppressedCount > 0 { metadata["suppressed"] = "\(suppressedCount)" }
        logger.log(level: self.level(of: level), "\(line)", metadata: metadata)
    }

    /// Returns the swift-log level for a libav level.
    static func level(of number: Int32) -> Logger.Level {
        switch number {
        case ...AV_LOG_FATAL: .critical
        case ...AV_LOG_ERROR: .error
        case ...AV_LOG_WARNING: .warning
        case ...AV_LOG_INFO: .info
        case ...AV_LOG_VERBOSE: .debug
        default: .trace
        }
    }

    private static func ffmpegLevel(for level: Logger.Level) -> Int32 {
        switch level {
        case .trace: AV_LOG_DEBUG
        case .debug: AV_LOG_VERBOSE
        case .info, .notice: AV_LOG_INFO
        case .warning: AV_LOG_WARNING
        case .error: AV_LOG_ERROR
        case .critical: AV_LOG_FATAL
        }
    }
}

extension String {
    /// The text without ` @ 0x...`.
    fileprivate var withoutPointers: String {
        var result = ""
        var rest = self[...]
        while let mark = rest.firstRange(of: " @ 0x") {
            result += rest[..<mark.lowerBound]
            rest = rest[mark.upperBound...].drop { $0.isHexDigit }
        }
        return result + rest
    }
}
