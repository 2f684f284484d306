import GerundCore

/// What follows the `#` of an address: `size=1280x720&rate=30&format=mjpeg`.
public struct SourceOptions: Hashable, Sendable {
    /// How RTSP carries its pictures.
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        case tcp, udp, http, multicast
    }

    /// A key, and the kinds of source that know it.
    enum Key: String, CaseIterable {
        case name, transport, size, rate, format

        var kinds: [SourceAddress.Kind] {
            switch self {
            case .name: SourceAddress.Kind.allCases
            case .transport: [.rtsp]
            case .size, .rate: [.device, .file, .standardInput]
            case .format: [.device, .file, .standardInput]
            }
        }
    }

    /// The source's name in records.
    public var name: String?
    /// `tcp` unless given.
    public var transport: Transport?
    /// The picture that the device shall give, in pixels.
    public var size: (width: Int, height: Int)? {
        get { self.width.flatMap { width in self.height.map { (width, $0) } } }
        set { (self.width, self.height) = (newValue?.width, newValue?.height) }
    }
    private var width, height: Int?
    /// The frames per second that the device shall give, as written: `30`, `29.97` or `30000/1001`.
    public var rate: String?
    /// The pixel format or codec that the device shall give, or the format of a file that doesn't tell its own.
    public var format: String?

    public init() {}

    /// The names of all options, whatever the source.
    public static let keyNames = Key.allCases.map(\.rawValue)

    /// Reads `key=value&key=value`.
    ///
    /// - Returns: The options, or a sentence of what is wrong with them.
    static func parse(_ text: Substring, for kind: SourceAddress.Kind) -> Result<SourceOptions, OptionFault> {
        let pairs = text.split(separator: "&", omittingEmptySubsequences: true).map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.count == 2 ? parts[1].percentDecoded : nil)
        }
        return SourceOptions().adding(pairs, for: kind)
    }

    /// These options and others.
    ///
    /// - Returns: A sentence of what is wrong with the others, when something is.
    func adding(
        _ pairs: [(name: String, value: String?)], for kind: SourceAddress.Kind
    ) -> Result<SourceOptions, OptionFault> {
        var options = self
        for (name, value) in pairs {
            guard let key = Key(rawValue: name) else { return .failure(.unknown(name, for: kind)) }
            guard key.kinds.contains(kind) else {
                return .failure(OptionFault("option '\(name)' has no meaning for this kind of source"))
            }
            guard let value, !value.isEmpty else {
                return .failure(OptionFault("option '\(name)' has no value; write \(name)=VALUE"))
            }
            guard !options.has(key) else { return .failure(OptionFault("option '\(name)' is given twice")) }
            if let fault = options.set(key, to: value) { return .failure(fault) }
        }
        return .success(options)
    }

    private func has(_ key: Key) -> Bool {
        switch key {
        case .name: self.name != nil
        case .transport: self.transport != nil
        case .size: self.size != nil
        case .rate: self.rate != nil
        case .format: self.format != nil
        }
    }

    private mutating func set(_ key: Key, to value: String) -> OptionFault? {
        switch key {
        case .name:
            self.name = value
        case .transport:
            guard let transport = Transport(rawValue: value) else {
                let known = Transport.allCases.map(\.rawValue).joined(separator: ", ")
                return OptionFault("transport '\(value)' is unknown; it is one of \(known)")
            }
            self.transport = transport
        case .size:
            let numbers = value.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 2, let width = numbers[0], let height = numbers[1],
                (1...16_384).contains(width), (1...16_384).contains(height)
            else { return OptionFault("size '\(value)' is none; write WIDTHxHEIGHT, such as 1280x720") }
            self.size = (width, height)
        case .rate:
            let numbers = value.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) ?? 0 }
            guard (1...2).contains(numbers.count), numbers.allSatisfy({ $0 > 0 && $0 < 1e9 }) else {
                return OptionFault("rate '\(value)' is none; write frames per second, such as 30 or 30000/1001")
            }
            self.rate = value
        case .format:
            guard value.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }) else {
                return OptionFault("format '\(value)' is none; `gerund devices` lists those of a camera")
            }
            self.format = value
        }
        return nil
    }
}

/// What is wrong with an option, in one sentence.
struct OptionFault: Error, Hashable {
    let message: String

    init(_ message: String) {
        self.message = message
    }

    static func unknown(_ name: String, for kind: SourceAddress.Kind) -> OptionFault {
        let known = SourceOptions.Key.allCases.filter { $0.kinds.contains(kind) }.map(\.rawValue)
        let hint = name.nearest(in: known).map { "did you mean '\($0)'?" } ?? "known: \(known.joined(separator: ", "))"
        return OptionFault("option '\(name)' is unknown; \(hint)")
    }
}
