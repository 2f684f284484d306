import GerundSettings

extension OutputFormat {
    /// A Boolean value that indicates whether the format is text for people, with standard output as it is.
    var isText: Bool { self == .text || self == .auto && StandardOutput.isTerminal }
}
