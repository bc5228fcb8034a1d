import ByteText
public import ISO7816

/// The commands of GlobalPlatform (Card Specification §11, cos-dialects §10 and §14.5) before a secure channel protects them.
///
/// All throw `malformed` for data that no short command carries.
public enum GlobalPlatformCommands {
    /// SELECT a security domain or application by its AID; empty for the issuer's security domain.
    public static func select(_ application: [UInt8]) throws(GlobalPlatformError) -> CommandAPDU {
        try GlobalPlatformError.building { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: application, expectedLength: 256)
        }
    }

    /// INITIALIZE UPDATE with the host's challenge of 8 or 16 bytes.
    public static func initializeUpdate(
        keyVersion: UInt8, hostChallenge: [UInt8]
    ) throws(GlobalPlatformError) -> CommandAPDU {
        try GlobalPlatformError.building { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(0x80, 0x50, keyVersion, 0x00, data: hostChallenge, expectedLength: 256)
        }
    }

    /// The data objects a card is asked for.
    public enum DataObject: UInt16, Hashable, Sendable, CaseIterable {
        /// 9F7F: production life cycle (CPLC).
        case productionLifeCycle = 0x9F7F
        /// 0066: card data, with the recognition data inside.
        case cardData = 0x0066
        /// 0042: issuer identification number.
        case issuerIdentification = 0x0042
        /// 0045: card image number.
        case cardImageNumber = 0x0045
        /// 00E0: key information template.
        case keyInformation = 0x00E0
        /// 00C1: sequence counter of the default keys.
        case sequenceCounter = 0x00C1
    }

    /// GET DATA.
    public static func getData(_ object: DataObject) -> CommandAPDU {
        CommandAPDU(0x80, 0xCA, UInt8(object.rawValue >> 8), UInt8(object.rawValue & 0xFF), le: 0x00)
    }

    /// DELETE an application, or a load file; `withRelated` takes the applications made from it too.
    public static func delete(
        _ application: [UInt8], withRelated: Bool = false
    ) throws(GlobalPlatformError) -> CommandAPDU {
        try GlobalPlatformError.building { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(
                0x80, 0xE4, 0x00, withRelated ? 0x80 : 0x00, data: [0x4F] + lengthed(application),
                expectedLength: 256)
        }
    }

    /// INSTALL for load: announces a load file to a security domain.
    public static func installForLoad(
        loadFile: [UInt8], securityDomain: [UInt8]
    ) throws(GlobalPlatformError) -> CommandAPDU {
        // no hash of the file, no parameters, no token
        let data = lengthed(loadFile) + lengthed(securityDomain) + [0, 0, 0]
        return try install(0x02, data)
    }

    /// INSTALL for install and make selectable.
    ///
    /// - Parameters:
    ///   - privileges: One byte, or three.
    ///   - parameters: The install parameters, `C9 00` when the application takes none.
    ///   - token: What an authority over the card has signed; empty when none is asked for.
    public static func installAndMakeSelectable(
        loadFile: [UInt8], module: [UInt8], instance: [UInt8], privileges: [UInt8], parameters: [UInt8],
        token: [UInt8] = []
    ) throws(GlobalPlatformError) -> CommandAPDU {
        let data = [loadFile, module, instance, privileges, parameters, token].flatMap(lengthed)
        return try install(0x0C, data)
    }

    /// LOAD: the load file's bytes in blocks of at most `blockLength`, the last one marked.
    ///
    /// The file's data block structure (`C4`) is made here.
    public static func load(
        _ file: [UInt8], blockLength: Int
    ) throws(GlobalPlatformError) -> [CommandAPDU] {
        let content = [0xC4] + ISO7816.DataObject.length(file.count) + file
        let size = max(1, min(blockLength, 255))
        // P2 counts blocks in one byte
        guard content.count <= 256 * size else { throw .malformed(.dataTooLong(file.count)) }
        var commands: [CommandAPDU] = []
        for (number, start) in stride(from: 0, to: content.count, by: size).enumerated() {
            let end = min(start + size, content.count)
            commands.append(
                try GlobalPlatformError.building { () throws(CommandAPDU.Malformed) in
                    try CommandAPDU(
                        0x80, 0xE8, end == content.count ? 0x80 : 0x00, UInt8(number),
                        data: Array(content[start..<end]), expectedLength: 256)
                })
        }
        return commands
    }

    /// STORE DATA.
    ///
    /// - Parameters:
    ///   - p1: 80 last block, 60 enciphered content, and what the profile adds.
    ///   - number: The block's number, from 0.
    public static func storeData(
        p1: UInt8, number: Int, _ data: [UInt8]
    ) throws(GlobalPlatformError) -> CommandAPDU {
        guard (0...255).contains(number) else { throw .malformed(.dataTooLong(number)) }
        return try GlobalPlatformError.building { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(0x80, 0xE2, p1, UInt8(number), data: data)
        }
    }

    /// What SET STATUS and GET STATUS speak of (P1).
    public enum StatusSubject: UInt8, Hashable, Sendable, CaseIterable {
        /// 80: the issuer's security domain, and with it the card.
        case card = 0x80
        /// 40: applications and other security domains.
        case applications = 0x40
        /// 20: load files.
        case loadFiles = 0x20
    }

    /// SET STATUS: for the card 07 initialized, 0F secured, 7F locked.
    public static func setStatus(
        _ subject: StatusSubject, _ state: UInt8, of application: [UInt8] = []
    ) throws(GlobalPlatformError) -> CommandAPDU {
        try GlobalPlatformError.building { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(0x80, 0xF0, subject.rawValue, state, data: application)
        }
    }

    /// GET STATUS of all that begin with an AID, empty for all, as E3 templates.
    public static func getStatus(
        _ subject: StatusSubject, matching application: [UInt8] = [], next: Bool = false
    ) throws(GlobalPlatformError) -> CommandAPDU {
        try GlobalPlatformError.building { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(
                0x80, 0xF2, subject.rawValue, next ? 0x03 : 0x02, data: [0x4F] + lengthed(application),
                expectedLength: 256)
        }
    }

    private static func install(_ p1: UInt8, _ data: [UInt8]) throws(GlobalPlatformError) -> CommandAPDU {
        try GlobalPlatformError.building { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(0x80, 0xE6, p1, 0x00, data: data, expectedLength: 256)
        }
    }

    /// One byte of length, then the bytes; what is longer makes the whole too long for a command, which then refuses it.
    private static func lengthed(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: bytes.count)] + bytes
    }
}
