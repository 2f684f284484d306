import CFFmpeg

/// A wrapper of `AVDictionary`.
///
/// After opening, it contains the options that libav didn't consume.
@safe
struct OptionDictionary: ~Copyable {
    private var dictionary: OpaquePointer?

    init() {}

    deinit {
        var dictionary = unsafe self.dictionary
        unsafe av_dict_free(&dictionary)
    }

    subscript(key: String) -> String? {
        get {
            guard let entry = unsafe av_dict_get(self.dictionary, key, nil, 0),
                let value = unsafe entry.pointee.value
            else { return nil }
            return unsafe String(cString: value)
        }
        set {
            unsafe av_dict_set(&self.dictionary, key, newValue, 0)
        }
    }

    /// The keys of the remaining options, in order.
    var keys: [String] {
        var keys: [String] = []
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while true {
            unsafe entry = av_dict_get(self.dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)
            guard let key = unsafe entry?.pointee.key else { return keys }
            unsafe keys.append(String(cString: key))
        }
    }

    /// Calls a closure with the dictionary, from which libav removes the options that it consumes.
    mutating func withPointer<R>(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> R) -> R {
        unsafe body(&self.dictionary)
    }
}
