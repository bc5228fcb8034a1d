import Foundation

extension Error {
    /// Why the system refused, in its own words (`strerror`), which ``SystemTexts`` puts into Chinese; Foundation wraps them in a
    /// sentence about itself.
    public var systemReason: String {
        var error = self as NSError
        while let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError { error = underlying }
        if error.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(truncatingIfNeeded: error.code)))
        }
        let code: Int32? =
            switch CocoaError.Code(rawValue: error.code) {
            case .fileReadNoPermission, .fileWriteNoPermission: EACCES
            case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
            case .fileWriteFileExists: EEXIST
            case .fileWriteOutOfSpace: ENOSPC
            case .fileWriteVolumeReadOnly: EROFS
            default: nil
            }
        guard error.domain == NSCocoaErrorDomain, let code else { return error.localizedDescription }
        return String(cString: strerror(code))
    }
}
