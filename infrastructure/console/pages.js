// Answers each page of the console with index.html. A CloudFront Function (runtime 2.0) for requests of viewers.
// A file has an ending: one that does not exist stays a 404, since a browser would refuse index.html as a script.
function handler(event) {
  var request = event.request;
  var last = request.uri.substring(request.uri.lastIndexOf("/") + 1);
  if (last.indexOf(".") === -1) {
    request.uri = "/index.html";
  }
  return request;
}
