import CFFmpeg
import GerundCore
import GerundStream

/// One open session of a source: demuxer and decoder, until the end of the stream or an error.
///
/// A session is used by one thread. Operations block; each returns when the interrupt token is cancelled or its
/// deadline passes.
@safe
struct CaptureSession: ~Copyable {
    /// The result of reading on.
    enum Step: Hashable {
        /// The next frame is in ``frame``.
        case frame
        /// A packet or frame was corrupt and has been discarded.
        case corrupt
        /// The stream has ended.
        case ended
    }

    /// The number of consecutive decode errors after which the stream is considered undecodable.
    private static let maximumConsecutiveErrors = 500
    /// The time for which a live source may send packets without a frame that can be decoded.
    private static let decodeTimeout: Duration = .seconds(30)

    let info: StreamInfo
    let frame: DecodedFrame
    /// The orientation of frames that don't carry one themselves.
    let orientation: Orientation
    let timeBase: TimeBase
    /// The number of bits after which timestamps wrap around.
    let wrapBits: Int
    /// A Boolean value that indicates whether the timestamps come from the source rather than from libav's assumptions.
    let hasTimestamps: Bool
    /// The options that libav has ignored.
    let unusedOptions: [String]

    private let address: SourceAddress
    private var demuxer: Demuxer
    private var decoder: Decoder
    private let packet: Packet
    private let interrupt: InterruptToken
    private let stallTimeout: Duration
    private var isDraining = false
    private var consecutiveErrors = 0
    private var lastFrameTime = ContinuousClock.now

    /// Opens the source and finds its video stream.
    ///
    /// - Throws: ``CaptureError``, also if the operation was cancelled: check the interrupt token.
    static func open(
        _ address: SourceAddress, configuration: CaptureConfiguration, interrupt: InterruptToken
    ) throws(CaptureError) -> CaptureSession {
        LibAVLog.installIfNeeded()
        LibAVLog.addSecrets(of: address.redactor)
        LibAVLog.current?.reset()
        interrupt.setDeadline(after: configuration.openTimeout)
        try Preflight.check(address)
        try HostResolver.resolve(address, interrupt: interrupt, timeout: configuration.openTimeout)
        do throws(LibAVError) {
            return try CaptureSession(address, configuration, interrupt)
        } catch {
            if interrupt.reason == .timedOut {
                throw .timedOut(address, while: .opening, after: configuration.openTimeout)
            }
            throw CaptureError(
                error, at: address, while: .opening, recentErrors: LibAVLog.current?.recentErrors ?? [])
        }
    }

    private init(
        _ address: SourceAddress, _ configuration: CaptureConfiguration, _ interrupt: InterruptToken
    ) throws(LibAVError) {
        let demuxer = try Demuxer.open(
            // Longer than the deadlines, whose errors are more precise: this is only a fallback.
            DemuxerOptions(
                address, timeout: max(configuration.openTimeout, configuration.stallTimeout) + .seconds(5)),
            interrupt: interrupt)
        let video = demuxer.video
        let isLive = address.isLive && !(address.kind == .http && demuxer.hasDuration)
        let decoder = try Decoder.open(video, threads: configuration.decoderThreads ?? (isLive ? 1 : 0), isLive: isLive)
        let frame = try DecodedFrame()
        let packet = try Packet()
        self.orientation = video.orientation
        self.info = StreamInfo(
            codec: video.codecName, container: demuxer.containerName, width: video.width, height: video.height,
            pixelFormat: video.pixelFormatName, frameRate: video.frameRate, isLive: isLive,
            rotation: self.orientation.degrees)
        self.timeBase = video.timeBase
        self.wrapBits = video.wrapBits
        self.hasTimestamps = demuxer.hasTimestamps
        self.unusedOptions = demuxer.unusedOptions
        self.frame = frame
        self.packet = packet
        self.demuxer = demuxer
        self.decoder = decoder
        self.address = address
        self.interrupt = interrupt
        self.stallTimeout = configuration.stallTimeout
    }

    /// Reads and decodes until the next frame, corrupt packet or end of the stream.
    ///
    /// - Throws: ``CaptureError`` if the source fails or stalls, or if the operation was cancelled.
    mutating func next() throws(CaptureError) -> Step {
        while true {
            do throws(LibAVError) {
                switch try self.decoder.receive(into: self.frame) {
                case .frame:
                    self.consecutiveErrors = 0
                    self.lastFrameTime = .now
                    return .frame
                case .ended:
                    return .ended
                case .needsPacket:
                    break
                }
            } catch {
                return try self.decodingFailed(error)
            }
            if let step = try self.sendNextPacket() { return step }
        }
    }

    /// Reads the next packet of the video stream and sends it to the decoder.
    private mutating func sendNextPacket() throws(CaptureError) -> Step? {
        self.interrupt.setDeadline(after: self.stallTimeout)
        while true {
            do throws(LibAVError) {
                switch try self.demuxer.read(into: self.packet) {
                case .ended:
                    // The decoder outputs its delayed frames first.
                    if self.isDraining { return .ended }
                    self.isDraining = true
                    self.decoder.drain()
                    return nil
                case .tryAgain:
                    try self.waitForData()
                    continue
                case .packet:
                    // An interrupted read may still return the packet that the parser held back, without an error.
                    try self.checkInterrupt()
                    // Packets of other streams don't reset the deadline: the video is what stalls.
                    guard self.demuxer.isVideo(self.packet) else {
                        self.packet.clear()
                        continue
                    }
                }
            } catch {
                throw self.readingFailed(error)
            }
            break
        }
        let decodeTimeout = max(Self.decodeTimeout, self.stallTimeout * 3)
        if self.info.isLive, .now - self.lastFrameTime > decodeTimeout {
            throw CaptureError(
                code: .timedOut, source: self.address.id,
                message:
                    "packets were received but no frame could be decoded for \(decodeTimeout.seconds.shortDescription) s",
                cause: (LibAVLog.current?.recentErrors.last).map { LibraryError($0) }, isTransient: true)
        }
        defer { self.packet.clear() }
        do throws(LibAVError) {
            try self.decoder.send(self.packet)
            return self.packet.isCorrupt ? .corrupt : nil
        } catch {
            return try self.decodingFailed(error)
        }
    }

    private func waitForData() throws(LibAVError) {
        self.interrupt.sleep(for: .milliseconds(2))
        try self.checkInterrupt()
    }

    private func checkInterrupt() throws(LibAVError) {
        if self.interrupt.reason != nil { throw LibAVError(function: "av_read_frame", status: gerund_error_exit) }
    }

    private func readingFailed(_ error: LibAVError) -> CaptureError {
        if self.interrupt.reason == .timedOut {
            return .timedOut(self.address, while: .reading, after: self.stallTimeout)
        }
        return CaptureError(
            error, at: self.address, while: .reading, recentErrors: LibAVLog.current?.recentErrors ?? [])
    }

    /// Skips a packet or frame that can't be decoded; throws after very many in a row.
    private mutating func decodingFailed(_ error: LibAVError) throws(CaptureError) -> Step {
        self.consecutiveErrors += 1
        guard self.consecutiveErrors < Self.maximumConsecutiveErrors else {
            throw CaptureError(
                code: .unsupported, source: self.address.id, message: "no frame could be decoded",
                cause: LibraryError(LibAVLog.current?.recentErrors.last ?? error.message), isTransient: true)
        }
        return .corrupt
    }
}
