import CardCryptography
import Testing

/// What stands in the name of a certificate request.
@Suite struct CertificateRequestTests {
    private let key: SM2.VerificationKey

    init() throws { key = try SM2.SigningKey.generate().verificationKey }

    @Test(
        arguments: [
            .country("CN"), .serialNumber("990101199001010011"), .serialNumber("A 1'()+,-./:=?"), .commonName("张三"),
            .locality("990100"), .commonName(String(repeating: "名", count: 64)),
        ] as [CertificateRequest.NamePart])
    func `names that certificates have are taken`(part: CertificateRequest.NamePart) throws {
        _ = try CertificateRequest([part], key: key)
    }

    @Test(
        arguments: [
            .country("C"), .country("CHN"), .country("中国"), .country("C*"), .serialNumber(""), .serialNumber("张三"),
            .serialNumber("a_b"), .serialNumber("a@b"), .serialNumber("a\nb"),
            .serialNumber(String(repeating: "1", count: 65)),
            .commonName(""), .commonName(String(repeating: "名", count: 65)),
            .locality(String(repeating: "9", count: 129)),
        ] as [CertificateRequest.NamePart])
    func `others are refused, and not repeated`(part: CertificateRequest.NamePart) {
        let error = #expect(throws: CryptographyError.malformedName) { try CertificateRequest([part], key: key) }
        #expect(error.map { "\($0)" } == "malformedName")
    }
}
