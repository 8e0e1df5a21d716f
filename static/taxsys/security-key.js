// セキュリティキー: asks the browser for the officer's key and sends its answer with the form. No key, no sign-in.
(() => {
  "use strict";
  // A form that is put in later (the lock of the screen) calls this again for itself.
  const prepare = () => {
    const place = document.getElementById("security-key");
    if (!place) return;
    const button = document.getElementById("security-key-button");
    const words = document.getElementById("security-key-words");
    const options = JSON.parse(place.dataset.options);

    const bytes = (text) => {
      const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
      return Uint8Array.from(plain, (char) => char.charCodeAt(0));
    };
    const text = (buffer) => {
      const plain = String.fromCharCode(...new Uint8Array(buffer));
      return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    };
    const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

    const ask = async () => {
      const publicKey = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
      if (options.mode === "create") {
        publicKey.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
        publicKey.excludeCredentials = named(publicKey.excludeCredentials);
        return navigator.credentials.create({ publicKey });
      }
      publicKey.allowCredentials = named(publicKey.allowCredentials);
      return navigator.credentials.get({ publicKey });
    };

    const answerOf = (key) => {
      const response = { clientDataJSON: text(key.response.clientDataJSON) };
      if (options.mode === "create") {
        response.attestationObject = text(key.response.attestationObject);
      } else {
        response.authenticatorData = text(key.response.authenticatorData);
        response.signature = text(key.response.signature);
        response.userHandle = key.response.userHandle ? text(key.response.userHandle) : null;
      }
      return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: {} });
    };

    button.addEventListener("click", async (event) => {
      event.preventDefault();
      if (!window.PublicKeyCredential) {
        words.textContent = "このブラウザーではセキュリティキーを使えません。登録済みの端末を使ってください。";
        return;
      }
      button.disabled = true;
      words.textContent = "鍵に触れ、鍵のPINを入力してください。";
      try {
        const key = await ask();
        document.getElementById("id_code").value = answerOf(key);
        button.form.requestSubmit();
      } catch (error) {
        words.textContent = "鍵で確認できませんでした。鍵を挿し直して、もう一度押してください。";
        button.disabled = false;
      }
    });
  };
  document.addEventListener("taxsys:signform", prepare);
  prepare();
})();
