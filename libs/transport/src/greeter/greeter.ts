import { Controller, Post } from '@nestjs/common';
import { greeter } from '@app/proto';
import { RestRpc, RpcRequest } from '../rest/rest-rpc.js';

function greet(request: greeter.Request): greeter.Response {
  return { greeting: `Hello ${request.name}` };
}

@Controller()
@greeter.GreeterControllerMethods()
export class GreeterGrpcController implements greeter.GreeterController {
  hello(request: greeter.Request): greeter.Response {
    return greet(request);
  }
}

@Controller('greeter')
export class GreeterRestController {
  @Post('hello')
  @RestRpc('Greeter.Hello')
  hello(@RpcRequest() request: greeter.Request): greeter.Response {
    return greet(request);
  }
}
