import CFFmpeg
import GerundCore
import GerundStream

/// One opening of a source: demuxer, decoder and what they know, until it ends or breaks off.
///
/// Used by one thread. Blocks; every operation ends when the interrupt is cancelled or its time is over.
@safe
struct CaptureSession: ~Copyable {
    /// What reading on has brought.
    enum Step: Hashable {
        /// The next picture is in ``frame``.
        case picture
        /// A packet or picture was damaged; go on.
        case damaged
        case ended
    }

    /// So many failures one after the other, without a picture between, are no damage but a wrong format.
    private static let failureLimit = 500
    /// A camera that sends packets but for so long no picture is not worth waiting for.
    private static let pictureTimeout: Duration = .seconds(30)

    let description: SourceDescription
    let frame: DecodedFrame
    /// Which way up, where pictures don't tell themselves.
    let orientation: Orientation
    let timeBase: TimeBase
    let wrapBits: Int
    /// Whether the frames' time stamps come from the source, not from libav's assumptions.
    let hasTimestamps: Bool
    /// Options that libav had no use for.
    let unusedOptions: [String]

    private let address: SourceAddress
    private var demuxer: Demuxer
    private var decoder: Decoder
    private let packet: Packet
    private let interrupt: Interrupt
    private let stallTimeout: Duration
    private var isDraining = false
    private var failuresInRow = 0
    private var lastPicture = ContinuousClock.now

    /// Opens the source and finds its video stream.
    ///
    /// - Throws: Also when cancelled; ask the interrupt.
    static func open(
        _ address: SourceAddress, configuration: CaptureConfiguration, interrupt: Interrupt
    ) throws(CaptureError) -> CaptureSession {
        LibAVLog.installIfNeeded()
        LibAVLog.addSecrets(of: address.redactor)
        LibAVLog.speaker?.forget()
        interrupt.arm(configuration.openTimeout)
        try InputCheck.run(address)
        try HostLookup.run(address, interrupt: interrupt, timeout: configuration.openTimeout)
        do throws(LibAVError) {
            return try CaptureSession(address, configuration, interrupt)
        } catch {
            if interrupt.reason == .timedOut {
                throw .timedOut(address, while: .opening, after: configuration.openTimeout)
            }
            throw CaptureError(
                error, at: address, while: .opening, complaints: LibAVLog.speaker?.complaints ?? [])
        }
    }

    private init(
        _ address: SourceAddress, _ configuration: CaptureConfiguration, _ interrupt: Interrupt
    ) throws(LibAVError) {
        let demuxer = try Demuxer.open(
            // Later than the deadlines, which say better what happened: only a second net.
            DemuxerOpening(
                address, timeout: max(configuration.openTimeout, configuration.stallTimeout) + .seconds(5)),
            interrupt: interrupt)
        let video = demuxer.video
        let isLive = address.isLive && !(address.kind == .http && demuxer.hasDuration)
        let decoder = try Decoder.open(video, threads: configuration.decoderThreads ?? (isLive ? 1 : 0), isLive: isLive)
        let frame = try DecodedFrame()
        let packet = try Packet()
        self.orientation = video.orientation
        self.description = SourceDescription(
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

    /// Reads and decodes until there is something to tell.
    ///
    /// - Throws: When the source breaks off or stalls; also when cancelled.
    mutating func next() throws(CaptureError) -> Step {
        while true {
            do throws(LibAVError) {
                switch try self.decoder.receive(into: self.frame) {
                case .picture:
                    self.failuresInRow = 0
                    self.lastPicture = .now
                    return .picture
                case .ended:
                    return .ended
                case .needsPacket:
                    break
                }
            } catch {
                return try self.damaged(error)
            }
            if let step = try self.readPacket() { return step }
        }
    }

    /// Gives the decoder the next packet.
    private mutating func readPacket() throws(CaptureError) -> Step? {
        self.interrupt.arm(self.stallTimeout)
        while true {
            do throws(LibAVError) {
                switch try self.demuxer.read(into: self.packet) {
                case .ended:
                    // Pictures that the decoder held back come out first.
                    if self.isDraining { return .ended }
                    self.isDraining = true
                    self.decoder.drain()
                    return nil
                case .later:
                    try self.waitForData()
                    continue
                case .packet:
                    // Other streams' packets don't count: it is the film that stalls.
                    // An interrupted read may still give the packet that the parser held back, as if all were well.
                    try self.checkInterrupt()
                    guard self.demuxer.isVideo(self.packet) else {
                        self.packet.clear()
                        continue
                    }
                }
            } catch {
                throw self.broken(error)
            }
            break
        }
        if self.description.isLive, .now - self.lastPicture > max(Self.pictureTimeout, self.stallTimeout * 3) {
            throw CaptureError(
                code: .timedOut, source: self.address.id,
                message: "packets came, but no picture could be decoded from them for a long time",
                cause: LibAVLog.speaker?.complaints.last, isTransient: true)
        }
        defer { self.packet.clear() }
        do throws(LibAVError) {
            try self.decoder.send(self.packet)
            return self.packet.isCorrupt ? .damaged : nil
        } catch {
            return try self.damaged(error)
        }
    }

    private func waitForData() throws(LibAVError) {
        self.interrupt.pause(.milliseconds(2))
        try self.checkInterrupt()
    }

    private func checkInterrupt() throws(LibAVError) {
        if self.interrupt.reason != nil { throw LibAVError(function: "av_read_frame", code: gerund_error_exit) }
    }

    private func broken(_ error: LibAVError) -> CaptureError {
        if self.interrupt.reason == .timedOut {
            return .timedOut(self.address, while: .reading, after: self.stallTimeout)
        }
        return CaptureError(
            error, at: self.address, while: .reading, complaints: LibAVLog.speaker?.complaints ?? [])
    }

    /// One packet or picture that fails is left out; very many are a failure.
    private mutating func damaged(_ error: LibAVError) throws(CaptureError) -> Step {
        self.failuresInRow += 1
        guard self.failuresInRow < Self.failureLimit else {
            throw CaptureError(
                code: .unsupported, source: self.address.id, message: "none of its pictures can be decoded",
                cause: LibAVLog.speaker?.complaints.last ?? "\(error)", isTransient: true)
        }
        return .damaged
    }
}
