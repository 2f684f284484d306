import CFFmpeg
import Dispatch
import Logging
import Synchronization

/// libav's messages on their way to swift-log: without credentials, on one line, not the same one over and over.
///
/// libav has one log for the whole process, so this is one too.
enum LibAVLog {
    /// The source whose thread is talking.
    @TaskLocal static var speaker: Speaker?

    /// A source as libav's log sees it. Keeps its last errors, whatever the level, to say why something failed.
    final class Speaker: Sendable {
        let name: String
        private let lines = Mutex<[String]>([])

        init(name: String) {
            self.name = name
        }

        /// The last complaints, oldest first.
        var complaints: [String] { self.lines.withLock { $0 } }

        func record(_ line: String) {
            self.lines.withLock { lines in
                if lines.count == 8 { lines.removeFirst() }
                lines.append(line)
            }
        }

        /// What follows concerns something new.
        func forget() {
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
    /// libav's number of the highest level that is passed on; read for every message.
    private static let threshold = Atomic(AV_LOG_ERROR)

    /// Takes libav's log over; further calls only change the level.
    ///
    /// - Parameter logger: Where messages go; its level decides which.
    static func install(logger: Logger) {
        let isFirst = self.state.withLock { state in
            defer { state.isInstalled = true }
            state.logger = logger
            return !state.isInstalled
        }
        self.threshold.store(self.number(of: logger.logLevel), ordering: .relaxed)
        guard isFirst else { return }
        unsafe av_log_set_callback { object, level, format, arguments in
            guard let format = unsafe format, let arguments = unsafe arguments else { return }
            unsafe LibAVLog.receive(object, level: level, format: format, arguments: arguments)
        }
    }

    /// Takes libav's log over, quietly, unless that was done.
    static func installIfNeeded() {
        guard !self.state.withLock({ $0.isInstalled }) else { return }
        var logger = Logger(label: "ffmpeg")
        logger.logLevel = .critical
        self.install(logger: logger)
    }

    /// From now on, the secrets of `redactor` too are removed. For ever: a message may come late.
    static func addSecrets(of redactor: Redactor) {
        self.state.withLock { $0.redactor = $0.redactor.union(redactor) }
    }

    private static func receive(
        _ object: UnsafeMutableRawPointer?, level: Int32, format: UnsafePointer<CChar>, arguments: CVaListPointer
    ) {
        // The upper bits carry a colour.
        let level = level & 0xFF
        let isPassedOn = level <= self.threshold.load(ordering: .relaxed)
        let speaker = self.speaker
        let isRecorded = level <= AV_LOG_ERROR && speaker != nil
        guard isPassedOn || isRecorded else { return }
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2048) { buffer -> String in
            guard let start = buffer.baseAddress else { return "" }
            var printsPrefix: Int32 = 1
            unsafe start.initialize(repeating: 0, count: buffer.count)
            _ = unsafe av_log_format_line2(
                object, level, format, arguments, start, Int32(buffer.count), &printsPrefix)
            return unsafe String(cString: start)
        }
        self.handle(text, level: level, isPassedOn: isPassedOn, isRecorded: isRecorded, speaker: speaker)
    }

    private static func handle(
        _ text: String, level: Int32, isPassedOn: Bool, isRecorded: Bool, speaker: Speaker?
    ) {
        let (redactor, logger) = self.state.withLock { ($0.redactor, $0.logger) }
        // The prefix holds an address in memory, `[h264 @ 0x55d0c8]`, which only makes equal lines differ.
        let line = redactor.redact(text.withoutPointers.trimmed).withoutControlCharacters
        guard !line.isEmpty else { return }
        if isRecorded { speaker?.record(line) }
        guard isPassedOn else { return }
        let now = DispatchTime.now().uptimeNanoseconds
        guard
            let repeated = self.state.withLock({ state in
                state.throttle.shouldLog(kind: LogThrottle.kind(of: line, source: speaker?.name), now: now)
            })
        else { return }
        var metadata: Logger.Metadata = [:]
        if let speaker { metadata["source"] = "\(speaker.name)" }
        if repeated > 0 { metadata["repeated"] = "\(repeated)" }
        logger.log(level: self.level(of: level), "\(line)", metadata: metadata)
    }

    /// What libav calls a level, as swift-log does. libav's `info` is chatter.
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

    private static func number(of level: Logger.Level) -> Int32 {
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

    fileprivate var trimmed: String {
        String(self.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
