public import GerundCore

/// Where a source is and how it is to be opened: what the user wrote as `SOURCE`.
///
/// Credentials are kept in a type of their own that doesn't print, so neither the address nor anything made from
/// its description shows them.
public struct SourceAddress: Hashable, Sendable {
    /// What stands at the address, as far as its form tells.
    public enum Kind: Hashable, Sendable, CaseIterable {
        /// A path: ends, and gives the same frames every time.
        case file
        /// `rtsp://`, `rtsps://`: a camera.
        case rtsp
        /// `http://`, `https://`: a camera or a film; shows when it is open.
        case http
        /// `/dev/videoN`: a V4L2 device.
        case device
        /// `test:GRAPH`: pictures made by libavfilter.
        case test
        /// `-`: standard input.
        case standardInput
    }

    public let kind: Kind
    public let options: SourceOptions
    /// The source's name in records: the option `name`, or derived from the address.
    public let id: SourceID
    /// What libav opens.
    let location: Secret
    /// The address without options and credentials, for people to read.
    public let displayName: String
    /// Removes the credentials of this address from any text.
    public let redactor: Redactor

    init(kind: Kind, location: String, displayName: String, defaultName: String, options: SourceOptions) {
        self.kind = kind
        self.location = Secret(location)
        self.options = options
        self.displayName = displayName.withoutControlCharacters
        self.id = SourceID((options.name ?? defaultName).withoutControlCharacters)
        self.redactor = Redactor(secretsOf: location)
    }

    /// Whether a source of this kind has no natural end and is opened again when it breaks off.
    ///
    /// For ``Kind/http`` this is only a guess: a film has an end.
    public var isLive: Bool {
        switch self.kind {
        case .rtsp, .http, .device: true
        case .file, .test, .standardInput: false
        }
    }
}

extension SourceAddress: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { self.displayName }
    public var debugDescription: String { self.displayName }
}

extension String {
    /// The text as one line that can't steer a terminal: control characters become `?`.
    var withoutControlCharacters: String {
        guard self.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        return String(
            String.UnicodeScalarView(
                self.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
