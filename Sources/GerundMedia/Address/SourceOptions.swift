public import GerundCore

/// The options of a source address, after its `#`: `size=1280x720&fps=30&format=mjpeg`.
public struct SourceOptions: Hashable, Sendable {
    /// The transport of RTSP streams.
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        /// Interleaved in the RTSP connection.
        case tcp
        /// UDP unicast.
        case udp
        /// Tunneled through HTTP.
        case http
        /// UDP multicast.
        case multicast
    }

    /// The name of an option.
    enum Key: String, CaseIterable {
        case name, transport, size, fps, format

        /// The kinds of address that support the option.
        var kinds: [SourceAddress.Kind] {
            switch self {
            case .name: SourceAddress.Kind.allCases
            case .transport: [.rtsp]
            case .size, .fps: [.device, .file, .standardInput]
            case .format: [.device, .file, .standardInput]
            }
        }

        /// The option that replaces one of an earlier version.
        static func replacement(of name: String) -> Key? {
            SourceOptions.formerKeyNames[name].flatMap(Key.init(rawValue:))
        }
    }

    /// The source's name in records; `nil` to derive it from the address.
    public var name: String?
    /// The transport of an RTSP stream; `nil` for TCP.
    public var transport: Transport?
    /// The frame size to request from a device, or that of a raw video file.
    public var size: PixelSize?
    /// The number of frames per second to request from a device, or that of a raw video file, as written: `30`, `29.97`
    /// or `30000/1001`.
    public var fps: String?
    /// The pixel format or codec to request from a device, or the libav name of a file's format.
    public var format: String?

    /// Creates options without values.
    public init() {}

    /// The names of all options of all kinds of address.
    public static let keyNames = Key.allCases.map(\.rawValue)

    /// The names that options had in earlier versions, each with the present one.
    public static let formerKeyNames = ["rate": Key.fps.rawValue]

    /// Parses `key=value&key=value`, with percent-encoded values.
    ///
    /// - Throws: ``OptionError`` if an option is unknown, unsupported or invalid.
    static func parse(_ text: Substring, for kind: SourceAddress.Kind) throws(OptionError) -> SourceOptions {
        let pairs = text.split(separator: "&", omittingEmptySubsequences: true).map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.count == 2 ? parts[1].percentDecoded : nil)
        }
        return try SourceOptions().adding(pairs, for: kind)
    }

    /// Returns these options with others added.
    ///
    /// - Throws: ``OptionError`` if an option is unknown, unsupported, invalid or already set.
    func adding(
        _ pairs: [(name: String, value: String?)], for kind: SourceAddress.Kind
    ) throws(OptionError) -> SourceOptions {
        var options = self
        for (name, value) in pairs {
            guard let key = Key(rawValue: name) else {
                if let new = Key.replacement(of: name) { throw .renamed(name, to: new) }
                throw .unknown(name, for: kind)
            }
            guard key.kinds.contains(kind) else { throw .unsupported(key) }
            guard let value, !value.isEmpty else { throw .missingValue(key) }
            guard !options.has(key) else { throw .duplicate(key) }
            try options.set(key, to: value)
        }
        return options
    }

    private func has(_ key: Key) -> Bool {
        switch key {
        case .name: self.name != nil
        case .transport: self.transport != nil
        case .size: self.size != nil
        case .fps: self.fps != nil
        case .format: self.format != nil
        }
    }

    private mutating func set(_ key: Key, to value: String) throws(OptionError) {
        switch key {
        case .name:
            self.name = value
        case .transport:
            guard let transport = Transport(rawValue: value) else {
                let known = Transport.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalidValue(value, of: key, expected: "one of \(known)")
            }
            self.transport = transport
        case .size:
            let numbers = value.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 2, let width = numbers[0], let height = numbers[1],
                (1...16_384).contains(width), (1...16_384).contains(height)
            else { throw .invalidValue(value, of: key, expected: "WIDTHxHEIGHT, e.g. 1280x720") }
            self.size = PixelSize(width: width, height: height)
        case .fps:
            let numbers = value.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) ?? 0 }
            guard (1...2).contains(numbers.count), numbers.allSatisfy({ $0 > 0 && $0 < 1e9 }) else {
                throw .invalidValue(value, of: key, expected: "frames per second, e.g. 30 or 30000/1001")
            }
            self.fps = value
        case .format:
            guard value.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }) else {
                throw .invalidValue(value, of: key, expected: "a format listed by `gerund devices`, e.g. mjpeg")
            }
            self.format = value
        }
    }
}
