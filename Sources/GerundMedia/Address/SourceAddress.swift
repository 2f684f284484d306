public import GerundCore

/// The address of a source and the options with which it is opened, as a user writes them.
///
/// Credentials are stored in a type that doesn't print, so that neither the address nor anything derived from its
/// description reveals them.
public struct SourceAddress: Hashable, Sendable {
    /// The kind of source, by the form of the address.
    public enum Kind: Hashable, Sendable, CaseIterable {
        /// A path: a recording, which ends and gives the same frames every time.
        case file
        /// `rtsp://`, `rtsps://`: a camera.
        case rtsp
        /// `http://`, `https://`: a live stream or a recording; known only after opening.
        case http
        /// `/dev/videoN`: a V4L2 device.
        case device
        /// `test:GRAPH`: a libavfilter source graph (lavfi).
        case lavfi
        /// `-`: standard input.
        case standardInput
    }

    /// The kind of source.
    public let kind: Kind
    /// The options after the `#`.
    public let options: SourceOptions
    /// The source's name in records: the option `name`, or derived from the address.
    public let id: SourceID
    /// The location that libav opens.
    let location: Secret
    /// The address without options and credentials.
    public let displayName: String
    /// Removes the credentials of this address from any text.
    public let redactor: Redactor

    init(kind: Kind, location: String, displayName: String, defaultName: String, options: SourceOptions) {
        self.kind = kind
        self.location = Secret(location)
        self.options = options
        self.displayName = displayName.sanitized
        self.id = SourceID((options.name ?? defaultName).sanitized)
        self.redactor = Redactor(secretsOf: location)
    }

    /// A Boolean value that indicates whether a source of this kind has no natural end and is reopened if it fails.
    ///
    /// For ``Kind/http`` this is a guess until the source is open: a recording ends.
    public var isLive: Bool {
        switch self.kind {
        case .rtsp, .http, .device: true
        case .file, .lavfi, .standardInput: false
        }
    }
}

extension SourceAddress: CustomStringConvertible, CustomDebugStringConvertible {
    /// The address without options and credentials.
    public var description: String { self.displayName }
    /// The address without options and credentials.
    public var debugDescription: String { self.displayName }
}
