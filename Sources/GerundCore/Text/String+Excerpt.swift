extension String {
    /// The text, or its beginning with an ellipsis if it has more than 40 characters, for messages.
    package var excerpt: String { self.count > 40 ? self.prefix(40) + "…" : self }
}
